"""Temporal alignment error of a shot, as Video Depth Anything defines it (arXiv 2501.12375)."""

from collections.abc import Sequence

import numpy as np

from sharpdepth_blender.geometry import unproject
from sharpdepth_blender.geometry.temporal import View


def temporal_alignment_error(views: Sequence[View]) -> float:
    """Return the mean AbsRel between each frame and its neighbors moved into it, in percent.

    Every pixel of a frame is moved to the nearest pixel of the next by depth and cameras, and the
    other way around. Depth is compared as it is: the published evaluation first fits scale and
    shift of a whole shot to the truth, which metric depth does not need. Where several pixels meet,
    the nearest point counts; the published code takes any. A pair without a common pixel counts as
    zero, as published.

    Args:
        views: The frames in order, at least two, each with its camera's matrix.
    """
    pairs = [*zip(views, views[1:], strict=False), *zip(views[1:], views, strict=False)]
    return 100 * float(np.mean([_apart(one, other) for one, other in pairs]))


def _apart(one: View, other: View) -> float:
    """AbsRel of one frame's points at the pixels of another."""
    between = np.linalg.inv(other.matrix) @ one.matrix
    points = unproject(one.depth, one.intrinsics)[one.depth > 0].astype(np.float64)
    x, y, z = (points @ between[:3, :3].T + between[:3, 3]).T * np.array([[1], [-1], [-1]])
    lens = other.intrinsics
    with np.errstate(divide="ignore", invalid="ignore"):
        column = np.floor(lens.fx * x / z + lens.cx)
        row = np.floor(lens.fy * y / z + lens.cy)
    height, width = other.depth.shape
    inside = (z > 0) & (column >= 0) & (column < width) & (row >= 0) & (row < height)
    seen = np.full((height, width), np.inf)
    np.minimum.at(seen, (row[inside].astype(int), column[inside].astype(int)), z[inside])
    there = np.isfinite(seen) & (other.depth > 0)
    if not there.any():
        return 0.0
    return float(np.mean(np.abs(seen[there] - other.depth[there]) / other.depth[there]))
