"""Shaping: from the two depth maps of a result to the depth that its surface has."""

from dataclasses import dataclass

import numpy as np

from .projection import valid_depth
from .strips import strips


@dataclass(frozen=True)
class DepthRemap:
    """How depth is shaped; lengths in the unit that the surface is to have.

    Attributes:
        sharpness: 0 takes the metric depth, 1 the sharpened one, between and beyond is mixed.
        scale: Factor of both.
        offset: Added after it.
        near: Samples nearer than this are dropped.
        far: Samples farther than this are dropped, or sent to the backdrop; 0 is no limit.
        backdrop: Depth of the backdrop; 0 is none.
        units_per_meter: Of that unit, in a meter.
    """

    sharpness: float = 1.0
    scale: float = 1.0
    offset: float = 0.0
    near: float = 0.0
    far: float = 0.0
    backdrop: float = 0.0
    units_per_meter: float = 1.0


def shape_depth(depth: np.ndarray, metric_depth: np.ndarray, shaping: DepthRemap) -> np.ndarray:
    """Mix both depth maps, scale, and cut off what is too near or too far.

    `z = ((1 - s) metric + s sharpened) * scale * units + offset`, in single precision and in this
    order, as the nodes of the live surface compute it.

    Args:
        depth: (H, W) sharpened z-depth in meters; 0 or not finite is a hole.
        metric_depth: (H, W) metric depth in meters, likewise.
        shaping: What is done to it.

    Returns:
        (H, W) float32 z-depth in the shaping's unit, holes 0.
    """
    depth, metric_depth = np.asarray(depth, np.float32), np.asarray(metric_depth, np.float32)
    shaped = np.empty(depth.shape, np.float32)
    for strip in strips(*depth.shape):
        shaped[strip] = _shaped(depth[strip], metric_depth[strip], shaping)
    return shaped


def _shaped(depth: np.ndarray, metric_depth: np.ndarray, shaping: DepthRemap) -> np.ndarray:
    here = valid_depth(depth) & valid_depth(metric_depth)
    share = np.float32(shaping.sharpness)
    with np.errstate(invalid="ignore", over="ignore"):
        z = metric_depth * (np.float32(1) - share) + depth * share
        z = z * np.float32(shaping.scale) * np.float32(shaping.units_per_meter)
        z = z + np.float32(shaping.offset)
        here &= (z > 0) & (z >= np.float32(shaping.near))
    if shaping.far > 0:
        beyond = here & (z > np.float32(shaping.far))
        z = np.where(beyond, np.float32(shaping.backdrop), z)
        if not shaping.backdrop > 0:
            here &= ~beyond
    return np.where(here, z, np.float32(0))
