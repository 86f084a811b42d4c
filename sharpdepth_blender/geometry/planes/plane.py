"""Plane: a flat surface before a camera."""

import math
from dataclasses import dataclass

import numpy as np

from ..intrinsics import Intrinsics
from ..projection import valid_depth


@dataclass(frozen=True)
class Plane:
    """A plane that does not pass through the camera, in its space: x right, y down, z forward.

    The ray of a pixel is r = ((u - cx) / fx, (v - cy) / fy, 1), and 1/z = x r_x + y r_y + z r_z
    where it meets the plane: so 1/z is linear over the picture.

    Attributes:
        x: First component of that, in 1 / meters.
        y: Second one.
        z: Third one.
    """

    x: float
    y: float
    z: float

    @property
    def vector(self) -> np.ndarray:
        """(3,) float64 of the three."""
        return np.array([self.x, self.y, self.z])

    @property
    def distance(self) -> float:
        """Meters from the camera to the nearest point of the plane."""
        return 1 / math.sqrt(self.x**2 + self.y**2 + self.z**2)

    @property
    def normal(self) -> np.ndarray:
        """(3,) unit normal on the camera's side."""
        return -self.vector * self.distance

    def disparity(
        self, intrinsics: Intrinsics, rows: np.ndarray, columns: np.ndarray
    ) -> np.ndarray:
        """1/z of the plane; zero or less where a pixel looks past its horizon.

        Args:
            intrinsics: Of the picture.
            rows: (h,) rows of pixels, 0 the topmost.
            columns: (w,) columns.

        Returns:
            (h, w) float32 in 1 / meters.
        """
        across = self.x / intrinsics.fx * (columns + 0.5 - intrinsics.cx)
        down = self.y / intrinsics.fy * (rows + 0.5 - intrinsics.cy) + self.z
        return across.astype(np.float32) + down.astype(np.float32)[:, None]


def points_of(
    depth: np.ndarray, intrinsics: Intrinsics, rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    """Points that pixels show, so that `m . p = 1` on a plane m.

    Args:
        depth: (h, w) meters, of those pixels.
        intrinsics: Of the whole picture.
        rows: (h,) their rows.
        columns: (w,) their columns.

    Returns:
        (h, w, 3) float64, x right, y down, z forward; zeros where depth is not known.
    """
    z = np.where(valid_depth(depth), depth, 0).astype(np.float64)
    across = (columns + 0.5 - intrinsics.cx) / intrinsics.fx
    down = (rows + 0.5 - intrinsics.cy) / intrinsics.fy
    return np.stack([z * across, z * down[:, None], z], axis=-1)


def rays_of(intrinsics: Intrinsics, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(h, w, 3) float64 rays of pixels, whose third component is 1."""
    across = (columns + 0.5 - intrinsics.cx) / intrinsics.fx
    down = (rows + 0.5 - intrinsics.cy) / intrinsics.fy
    shape = (len(rows), len(columns))
    x, y = np.broadcast_to(across, shape), np.broadcast_to(down[:, None], shape)
    return np.stack([x, y, np.ones(shape)], axis=-1)
