"""Measured files: depth maps and points that somebody measured, read for a picture."""

import os
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from ..geometry import depth_of_ray
from ..scene import DepthFileError, fit_depth_values, read_depth_values, read_metric_points
from ..scene.shot import Shot, mirrored

# Endings of pictures in which telephones keep depth.
EMBEDDING = (".heic", ".heif")


@dataclass(frozen=True)
class DepthFile:
    """A depth map that somebody measured.

    Attributes:
        path: EXR of any layers, PNG of 16 bits, or an array that numpy wrote: z-depth of the
            picture as its file has it, in the picture's proportions. Or a HEIC picture with depth.
        channel: Name of the EXR's channel; None for the usual ones.
        unit: Meters that a value of 1 means; None for a meter, in PNG a millimeter.
        ray: Whether it is measured along each pixel's ray, from the camera's center, and not along
            the camera's axis.
    """

    path: str | os.PathLike
    channel: str | None = None
    unit: float | None = None
    ray: bool = False

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture with depth in it, which the engine reads."""
        return PurePath(self.path).suffix.lower() in EMBEDDING

    def values(self) -> np.ndarray:
        """(H, W) numbers as the file has them, unless it is a picture.

        Raises:
            DepthFileError: It cannot be read.
        """
        return read_depth_values(self.path, self.channel)

    def fitted(self, values: np.ndarray, shot: Shot) -> np.ndarray:
        """(H, W) float32 z-depth in meters of a shot's size, holes 0. Asks nothing of Blender.

        Args:
            values: Of the file.
            shot: The picture.

        Raises:
            DepthFileError: They have other proportions, or measure nothing; or they are ray length
                and the shot's camera is not known.
        """
        if self.ray and shot.intrinsics is None:
            raise DepthFileError(
                "The ray length in {path} is turned into depth by the camera, which is not known: "
                "give its field of view or its intrinsics.",
                path=self.path,
            )
        depth = mirrored(fit_depth_values(values, self.path, *shot.size, self.unit), shot.flip)
        return depth_of_ray(depth, shot.intrinsics) if self.ray and shot.intrinsics else depth


@dataclass(frozen=True)
class PointsFile:
    """Points that somebody measured.

    Attributes:
        path: Table of x, y, z or u, v, depth, PLY of x, y, z, or points of a COLMAP model; as of
            `scene.read_metric_points`.
        points_are: `camera` or `pixels`: what a table without names above its columns has.
        scale: Meters that a unit of the file means.
        image: Name of the image of a COLMAP model that the picture is; None for its file's.
    """

    path: str | os.PathLike
    points_are: str | None = None
    scale: float = 1.0
    image: str | None = None

    def read(self, shot: Shot) -> tuple[np.ndarray, list[str]]:
        """(N, 3) u, v in pixels of a shot's file and meters, and sentences for the user.

        Raises:
            DepthFileError: The file cannot be read or used, or the picture shows none of them.
        """
        size = shot.full_size or shot.size
        return read_metric_points(
            self.path,
            *size,
            intrinsics=shot.intrinsics and shot.intrinsics.resized(*size),
            points_are=self.points_are,
            scale=self.scale,
            image=self.image or os.path.basename(shot.path or shot.name),
        )
