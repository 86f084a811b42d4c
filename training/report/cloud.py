"""Side view of a depth map as a colored point cloud, where blurred edges show as curtains."""

import numpy as np

from .pictures import known

# Orbit of the camera around the center of the scene: left and up.
YAW, PITCH = np.radians(22), np.radians(7)
BACKGROUND = 24


def middle(depth: np.ndarray) -> float:
    """Return the harmonic mean [m] of a depth map, which is robust to a distant sky."""
    return float(1 / np.mean(1 / depth[known(depth)], dtype=float))


def view_from_aside(rgb: np.ndarray, depth: np.ndarray, intrinsics, pivot: float) -> np.ndarray:
    """Render the point cloud of a picture from a camera that has orbited left and up.

    Args:
        rgb: (H, W, 3) uint8.
        depth: (H, W) z-depth [m]; NaN = no point.
        intrinsics: fx, fy, cx, cy in pixels, for both cameras.
        pivot: Distance [m] of the orbit center along the optical axis.

    Returns:
        (H, W, 3) uint8; nearer points occlude farther ones.
    """
    height, width = depth.shape
    fx, fy, cx, cy = intrinsics
    there = known(depth)
    v, u = np.nonzero(there)
    z = depth[there]
    points = np.stack([(u + 0.5 - cx) / fx * z, (v + 0.5 - cy) / fy * z, z])
    middle = np.array([0, 0, pivot])[:, None]
    x, y, z = _turn() @ (points - middle) + middle
    ahead = z > 0.05 * pivot
    x, y, z, colors = x[ahead], y[ahead], z[ahead], rgb[there][ahead]

    image = np.full((height, width, 3), BACKGROUND, np.uint8)
    order = np.argsort(-z)  # the last color written to a pixel wins, so the nearest comes last
    left = np.floor(fx * x / z + cx - 0.5).astype(int)[order]
    top = np.floor(fy * y / z + cy - 0.5).astype(int)[order]
    nearest = np.full((height, width), np.inf)
    for down, across in ((0, 0), (0, 1), (1, 0), (1, 1)):  # a point covers four pixels
        row, column = top + down, left + across
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        at = row[inside], column[inside]
        layer, depths = image.copy(), np.full((height, width), np.inf)
        layer[at], depths[at] = colors[order][inside], z[order][inside]
        nearer = depths < nearest
        image[nearer], nearest[nearer] = layer[nearer], depths[nearer]
    return image


def _turn():
    cos_yaw, sin_yaw, cos_pitch, sin_pitch = np.cos(YAW), np.sin(YAW), np.cos(PITCH), np.sin(PITCH)
    yaw = np.array([[cos_yaw, 0, sin_yaw], [0, 1, 0], [-sin_yaw, 0, cos_yaw]])
    pitch = np.array([[1, 0, 0], [0, cos_pitch, -sin_pitch], [0, sin_pitch, cos_pitch]])
    return pitch @ yaw
