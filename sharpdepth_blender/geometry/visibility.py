"""Visibility: which points a picture shows, by the depth of what it sees."""

import numpy as np

from .intrinsics import Intrinsics
from .projection import project, valid_depth


def visible_from(
    points: np.ndarray, normals: np.ndarray, depth: np.ndarray, intrinsics: Intrinsics
) -> np.ndarray:
    """Tell which points a picture shows: inside its frame, and behind nothing.

    The plane of a point's own surface is compared with the depth of the four pixels around it, so
    that a surface at a grazing angle does not hide itself. A point counts as seen where one of the
    four shows nothing before that plane by more than a pixel's width there; so at an edge, within a
    pixel, points behind it count as seen.

    Args:
        points: (..., 3) in the picture's camera space; NaN is never seen.
        normals: (..., 3) of their surface, of any length; NaN for one that faces the picture.
        depth: (H, W) z-depth of what the picture sees, in the points' unit of length; 0 or not
            finite where it sees nothing.
        intrinsics: Of that size.

    Returns:
        (...) bool.
    """
    points, normals = np.asarray(points, np.float64), np.asarray(normals, np.float64)
    normals = np.where(np.isnan(normals).any(-1, keepdims=True), (0.0, 0.0, 1.0), normals)
    height, width = depth.shape
    with np.errstate(divide="ignore"):
        nearest = np.where(valid_depth(depth), 1 / np.asarray(depth, np.float64), 0.0)
    pixels = project(points, intrinsics)
    with np.errstate(invalid="ignore"):
        inside = ((pixels >= 0) & (pixels <= (width, height))).all(-1)
    left, top = np.moveaxis(np.where(inside[..., None], np.floor(pixels - 0.5), 0), -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        margin = -1 / (points[..., 2] * intrinsics.fx)
        distance = (points * normals).sum(-1)
    seen = np.zeros(inside.shape, bool)
    for right, down in ((0, 0), (1, 0), (0, 1), (1, 1)):
        column = np.clip(left + right, 0, width - 1).astype(np.intp)
        row = np.clip(top + down, 0, height - 1).astype(np.intp)
        x = (column + 0.5 - intrinsics.cx) / intrinsics.fx
        y = -(row + 0.5 - intrinsics.cy) / intrinsics.fy
        with np.errstate(divide="ignore", invalid="ignore"):
            own = (x * normals[..., 0] + y * normals[..., 1] - normals[..., 2]) / distance
            seen |= nearest[row, column] <= np.maximum(own, 0) + margin
    return inside & seen
