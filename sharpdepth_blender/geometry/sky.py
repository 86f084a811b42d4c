"""The sky: where a model says it is, put behind everything else."""

import numpy as np

from .exr import round_to_24_bits
from .projection import valid_depth

SURE = 0.5  # probability from which a pixel is sky
LEAST = 1e-3  # share of the picture that counts as a sky
_GAP = 1.25  # depth at which the sky begins, relative to the farthest thing before it
BEHIND = 2.0  # depth of the sky, relative to that


def put_sky_behind(
    depth: np.ndarray, metric_depth: np.ndarray, sky: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Give the sky one depth, behind everything else in both maps.

    Args:
        depth: (H, W) float32 meters; holes are 0 or not finite, and holes in the sky are filled.
        metric_depth: Likewise.
        sky: (H, W), probability that a pixel is sky.

    Returns:
        Both maps, and the depth in meters between the sky and all else. Without a sky, or with
        nothing before it, the maps are the given ones and the depth is 0.
    """
    above = sky > SURE
    maps = (depth, metric_depth)
    before = [each[~above & valid_depth(each)] for each in maps]
    if above.mean() < LEAST or not any(each.size for each in before):
        return depth, metric_depth, 0.0
    begins = beginning_behind(max(float(each.max()) for each in before if each.size))
    depth, metric_depth = (with_sky(each, above, begins) for each in maps)
    return depth, metric_depth, begins


def beginning_behind(farthest: float) -> float:
    """Depth in meters at which the sky begins, behind the farthest thing before it; 24 bits."""
    return float(round_to_24_bits(np.array(_GAP * farthest)))


def with_sky(depth: np.ndarray, above: np.ndarray, begins: float) -> np.ndarray:
    """A depth map whose sky has one depth, behind everything else.

    Args:
        depth: (H, W) float32 meters.
        above: (H, W) bool, where there is sky.
        begins: Meters, as of `beginning_behind`.

    Returns:
        (H, W) float32 meters.
    """
    return np.where(above, np.float32(BEHIND * begins), depth).astype(np.float32)
