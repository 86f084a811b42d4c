"""Polygon: the part of a plane that a camera's frame shows."""

import numpy as np

from ..intrinsics import Intrinsics
from .plane import Plane


def frame_polygon(
    plane: Plane, intrinsics: Intrinsics, nearest: float, farthest: float
) -> np.ndarray:
    """Cut a plane to a camera's frame, and to what lies neither too near nor too far.

    Four corners, or as many as are left where the plane runs past the camera or to its horizon.

    Args:
        plane: The plane.
        intrinsics: Of the frame.
        nearest: Meters of z-depth, > 0.
        farthest: Meters of z-depth, > nearest.

    Returns:
        (N, 3) float64 corners in Blender's camera space, anticlockwise as the camera sees them;
        N is 0 where the frame shows nothing of it.
    """
    width, height = intrinsics.width, intrinsics.height
    corners = np.array([(0, height), (width, height), (width, 0), (0, 0)], np.float64)
    fx, fy, cx, cy = intrinsics
    rays = np.column_stack([(corners - (cx, cy)) / (fx, fy), np.ones(4)])
    disparity = rays @ plane.vector  # linear over the frame, as are the rays
    rays, disparity = _cut(rays, disparity, disparity - 1 / farthest)
    rays, disparity = _cut(rays, disparity, 1 / nearest - disparity)
    return rays / disparity[:, None] * (1, -1, -1)


def _cut(
    rays: np.ndarray, disparity: np.ndarray, kept: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What of a convex polygon lies where a linear value is 0 or more."""
    cut_rays, cut_disparity = [], []
    for here in range(len(rays)):
        after = (here + 1) % len(rays)
        if kept[here] >= 0:
            cut_rays.append(rays[here])
            cut_disparity.append(disparity[here])
        if kept[here] * kept[after] < 0:
            share = kept[here] / (kept[here] - kept[after])
            cut_rays.append(rays[here] + share * (rays[after] - rays[here]))
            cut_disparity.append(disparity[here] + share * (disparity[after] - disparity[here]))
    return np.array(cut_rays).reshape(-1, 3), np.array(cut_disparity)
