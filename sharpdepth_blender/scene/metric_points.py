"""Metric points: a file of measured points, as they appear in a picture."""

import os
from pathlib import Path

import numpy as np
from bpy.app.translations import pgettext_rpt

from ..geometry import Intrinsics
from ..geometry.point_files import (
    WORST_ERROR,
    PointFileError,
    is_colmap,
    pixels_of,
    read_colmap,
    read_ply,
    read_table,
    seen_in,
)
from .errors import DepthFileError


def read_metric_points(
    path: str | os.PathLike[str],
    width: int,
    height: int,
    *,
    intrinsics: Intrinsics | None = None,
    points_are: str | None = None,
    scale: float = 1.0,
    image: str = "",
) -> tuple[np.ndarray, list[str]]:
    """Read points that were measured for a picture.

    Args:
        path: CSV or other text, see `geometry.point_files.read_table`; PLY of x, y, z; or the
            points of a COLMAP model, `points3D.txt` or `points3D.bin`, beside its other files.
            x, y, z are in camera space: x right, y down, z forward.
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.
        intrinsics: Intrinsics of the picture, needed for x, y, z; None if unknown.
        points_are: `camera` or `pixels`: what the columns of a table without a header are.
        scale: Meters per unit of the file, > 0.
        image: Name of the picture in a COLMAP model.

    Returns:
        (points, notes): (N, 3) float64, N >= 1, with u and v in pixels, inside the picture, and
        z-depth in meters, above zero; and sentences for the user.

    Raises:
        DepthFileError: The file cannot be read or used, or none of its points is in the picture.
    """
    try:
        points, notes = _read(path, width, height, intrinsics, points_are, scale, image)
    except PointFileError as error:
        raise DepthFileError(
            "The points file {path} {error}.", path=error.path, error=error
        ) from error
    points = points * (1.0, 1.0, scale)
    seen = seen_in(points, width, height)
    if not seen.any():
        raise DepthFileError(
            "The points file {path} has no point that the picture shows: check its axes and the "
            "camera.",
            path=path,
        )
    used = pgettext_rpt("{count} measured points were used.")
    notes = [used.format(count=int(seen.sum())), *notes]
    if unseen := int((~seen).sum()):
        sentence = pgettext_rpt(
            "{count} points behind the camera, outside the picture or without depth were left out."
        )
        notes.append(sentence.format(count=unseen))
    return points[seen], notes


def _read(
    path: str | os.PathLike[str],
    width: int,
    height: int,
    intrinsics: Intrinsics | None,
    points_are: str | None,
    scale: float,
    image: str,
) -> tuple[np.ndarray, list[str]]:
    """All points as u, v and z in units of the file, and sentences for the user."""
    if is_colmap(path):
        points, inaccurate = read_colmap(path, image, width, height)
        sentence = pgettext_rpt("A unit of the COLMAP model was taken for {meters} m.")
        notes = [sentence.format(meters=f"{scale:g}")]
        if inaccurate:
            sentence = pgettext_rpt(
                "{count} points with a reprojection error of more than {pixels} pixels were left "
                "out."
            )
            notes.append(sentence.format(count=inaccurate, pixels=f"{WORST_ERROR:g}"))
        return points, notes
    suffix = Path(path).suffix.lower()
    if suffix == ".bin":
        raise PointFileError(path, "should be points3D.bin, as COLMAP calls it")
    if suffix == ".ply":
        points, points_are = read_ply(path), "camera"
    else:
        points, points_are = read_table(path, points_are)
    if points_are == "pixels":
        return points, []
    if intrinsics is None:
        raise PointFileError(
            path, "has points in x, y, z, which need the camera: give --fov or --intrinsics"
        )
    return pixels_of(points, intrinsics), []
