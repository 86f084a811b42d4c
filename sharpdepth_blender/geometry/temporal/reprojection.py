"""Reprojection: one frame's depth and where it was seen from, and what another frame sees there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..intrinsics import Intrinsics

# Blender's camera looks along -z with y up, the pixels' along +z with y down.
_AXES = np.diag([1.0, -1.0, -1.0])
# A camera that moves less does not move: single precision of a world some kilometers across.
_STILL = 1e-6


@dataclass(frozen=True)
class View:
    """One frame.

    Attributes:
        depth: (H, W) float32 meters, holes 0.
        intrinsics: Of that size.
        matrix: (4, 4) world matrix of the camera in meters, without scale; None where nobody knows
            it, and the camera is taken to stand still.
    """

    depth: np.ndarray
    intrinsics: Intrinsics
    matrix: np.ndarray | None = None


@dataclass(frozen=True)
class Reprojection:
    """What another frame sees at the points of a grid of pixels of one frame; (h, w) each.

    Where a point has depth z here, the other camera has it at `z * rate + offset`.

    Attributes:
        rate: Of the other depth by this one.
        offset: Meters.
        seen: For each map that was asked for, what the other frame holds there; NaN beyond its
            border, in holes, and where the point lies behind its camera.
        u: Pixels from the other frame's left edge.
        v: Pixels from its top.
    """

    rate: np.ndarray
    offset: float
    seen: list[np.ndarray]
    u: np.ndarray
    v: np.ndarray


def reproject(
    one: View, other: View, maps: Sequence[np.ndarray], step: int = 1, turning_only: bool = False
) -> Reprojection:
    """Find what `other` sees where `one` has its points.

    Args:
        one: The frame whose points are looked for.
        other: The frame that may see them.
        maps: (H, W) maps of `other` to read, in meters; between pixels they are bilinear in 1/z, in
            which planes are linear.
        step: Every so many pixels of `one`, in rows and columns.
        turning_only: Leave out that the camera moves from its place.

    Returns:
        What it sees.
    """
    depth = one.depth[::step, ::step]
    turn, offset = _motion(one, other)
    if turning_only:
        offset = np.zeros(3)
    still = np.abs(turn - np.eye(3)).max() < _STILL and np.abs(offset).max() < _STILL
    if still and one.intrinsics == other.intrinsics:
        rows, columns = np.arange(one.depth.shape[0])[::step], np.arange(one.depth.shape[1])[::step]
        u, v = np.broadcast_arrays(columns[None] + np.float32(0.5), rows[:, None] + np.float32(0.5))
        seen = [_measured(each[::step, ::step]) for each in maps]
        return Reprojection(np.ones(depth.shape, np.float32), 0.0, seen, u, v)

    k = one.intrinsics
    x = ((np.arange(one.depth.shape[1])[::step] + 0.5 - k.cx) / k.fx).astype(np.float32)[None]
    y = ((np.arange(one.depth.shape[0])[::step] + 0.5 - k.cy) / k.fy).astype(np.float32)[:, None]
    ray = [np.float32(row[0]) * x + (np.float32(row[1]) * y + np.float32(row[2])) for row in turn]
    z = _measured(depth)
    there = [z * each + np.float32(by) for each, by in zip(ray, offset, strict=True)]
    k = other.intrinsics
    with np.errstate(invalid="ignore", divide="ignore"):
        ahead = np.where(there[2] > 0, there[2], np.float32(np.nan))
        u = np.float32(k.fx) * there[0] / ahead + np.float32(k.cx)
        v = np.float32(k.fy) * there[1] / ahead + np.float32(k.cy)
    return Reprojection(ray[2], float(offset[2]), _sample(maps, u, v), u, v)


def _motion(one: View, other: View) -> tuple[np.ndarray, np.ndarray]:
    """Rotation and translation from the axes of one camera, x right y down z forward, to another's.

    In meters.
    """
    if one.matrix is None or other.matrix is None:
        return np.eye(3), np.zeros(3)
    between = np.linalg.inv(np.asarray(other.matrix, float)) @ np.asarray(one.matrix, float)
    return _AXES @ between[:3, :3] @ _AXES, _AXES @ between[:3, 3]


def _measured(depth: np.ndarray) -> np.ndarray:
    """Depth with NaN for holes."""
    return np.where(depth > 0, depth, np.float32(np.nan))


def _sample(maps: Sequence[np.ndarray], u: np.ndarray, v: np.ndarray) -> list[np.ndarray]:
    """Each map at places in pixels, NaN where a neighbor of the place is no measurement."""
    height, width = maps[0].shape
    inside = (u >= 0.5) & (u <= width - 0.5) & (v >= 0.5) & (v <= height - 0.5)
    across, down = np.where(inside, u - 0.5, 0), np.where(inside, v - 0.5, 0)
    left, top = across.astype(np.int32), down.astype(np.int32)
    left, top = np.minimum(left, max(width - 2, 0)), np.minimum(top, max(height - 2, 0))
    a, b = (across - left).astype(np.float32), (down - top).astype(np.float32)
    right, below = min(1, width - 1), width * min(1, height - 1)
    index = top * width + left
    found = []
    for depth in maps:
        with np.errstate(divide="ignore", invalid="ignore"):
            flat = np.where(depth > 0, 1 / depth, np.float32(np.nan)).ravel()
        upper = flat[index] * (1 - a) + flat[index + right] * a
        lower = flat[index + below] * (1 - a) + flat[index + below + right] * a
        disparity = upper * (1 - b) + lower * b
        found.append(np.where(inside, 1 / disparity, np.float32(np.nan)))
    return found
