"""Projection: between pixels with depth and points in Blender's camera space."""

import numpy as np

from .intrinsics import Intrinsics


def valid_depth(depth: np.ndarray) -> np.ndarray:
    """Tell measured samples from holes.

    Args:
        depth: (H, W) meters.

    Returns:
        (H, W) bool, True where depth is a finite number greater than zero.
    """
    return np.isfinite(depth) & (depth > 0)


def check_depth(depth: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """Return `depth` as a (H, W) float32 array that fits `intrinsics`.

    Raises:
        ValueError: It is not of shape (intrinsics.height, intrinsics.width).
    """
    depth = np.asarray(depth, np.float32)
    if depth.shape != (intrinsics.height, intrinsics.width):
        raise ValueError(
            f"Depth has the shape {depth.shape}, but the intrinsics are of a picture of "
            f"{intrinsics.width} x {intrinsics.height} pixels."
        )
    return depth


def unproject_at(
    depth: np.ndarray, columns: np.ndarray, rows: np.ndarray, intrinsics: Intrinsics
) -> np.ndarray:
    """Unproject a grid of samples whose pixels are given by column and row.

    Args:
        depth: (h, w) float32 meters.
        columns: (w,) picture column of each grid column.
        rows: (h,) picture row of each grid row.
        intrinsics: Of the whole picture.

    Returns:
        (h, w, 3) float32 meters in Blender's camera space; NaN where depth is no measurement.
    """
    z = np.where(valid_depth(depth), depth, np.float32(np.nan))
    # The slopes in double precision, so that each coordinate is rounded once or twice, not more.
    x_slope = (columns + 0.5 - intrinsics.cx) / intrinsics.fx
    y_slope = (rows + 0.5 - intrinsics.cy) / intrinsics.fy
    points = np.empty((*z.shape, 3), np.float32)
    points[..., 0] = z * x_slope.astype(np.float32)
    points[..., 1] = z * -y_slope.astype(np.float32)[:, None]
    points[..., 2] = -z
    return points


def unproject(depth: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """Turn a depth map into points: `X = (u - cx) z / fx`, `Y = (v - cy) z / fy`, `Z = z`.

    Args:
        depth: (H, W) z-depth in meters; values that are not finite or not above zero are holes.
        intrinsics: Of the same size.

    Returns:
        (H, W, 3) float32 meters in Blender's camera space, (X, -Y, -Z): x right, y up, looking
        along -z. Holes are NaN.

    Raises:
        ValueError: Depth and intrinsics differ in size.
    """
    depth = check_depth(depth, intrinsics)
    columns, rows = np.arange(intrinsics.width), np.arange(intrinsics.height)
    return unproject_at(depth, columns, rows, intrinsics)


def project(points: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """Find the pixels where points are seen; the inverse of `unproject`.

    Args:
        points: (..., 3) in Blender's camera space, any unit of length.
        intrinsics: Of the picture.

    Returns:
        (..., 2) float64 pixels (u, v), v downwards, the top-left pixel's center at (0.5, 0.5).
        NaN for points that do not lie in front of the camera.
    """
    points = np.asarray(points, np.float64)
    z = np.where(points[..., 2] < 0, -points[..., 2], np.nan)
    u = intrinsics.fx * points[..., 0] / z + intrinsics.cx
    v = -intrinsics.fy * points[..., 1] / z + intrinsics.cy
    return np.stack([u, v], axis=-1)
