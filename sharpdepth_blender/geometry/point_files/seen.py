"""Seen: which points a picture shows, and where."""

import numpy as np

from ..intrinsics import Intrinsics


def pixels_of(points: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """Find where a camera shows points.

    Args:
        points: (N, 3) x right, y down and z forward, in any unit of length.
        intrinsics: Of the picture.

    Returns:
        (N, 3) float64 u, v in pixels and z as it was; u and v are NaN of what does not lie before
        the camera.
    """
    x, y, z = np.asarray(points, np.float64).T
    before = np.where(z > 0, z, np.nan)
    u = intrinsics.fx * x / before + intrinsics.cx
    v = intrinsics.fy * y / before + intrinsics.cy
    return np.stack([u, v, z], axis=-1)


def seen_in(points: np.ndarray, width: int, height: int) -> np.ndarray:
    """Tell the points that lie in a picture, at a finite z-depth above zero.

    Args:
        points: (N, 3) u, v in pixels and z.
        width: Of the picture, pixels.
        height: Likewise.

    Returns:
        (N,) bool.
    """
    u, v, z = points.T
    inside = (u >= 0) & (u < width) & (v >= 0) & (v < height)
    return inside & (z > 0) & np.isfinite(z)
