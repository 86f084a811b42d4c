"""Prepared: what is made of an answer of the engine before Blender takes it, in numpy alone."""

from dataclasses import dataclass, replace

import numpy as np

from ..geometry import Intrinsics, length_of_ray, measured_along
from ..geometry.axes import other_axes
from ..geometry.sky import put_sky_behind
from ..process.job import DepthResult
from ..scene.picture import picture_file
from ..scene.stored_depth import StoredDepth, store_depth

_BENT = (
    "Flat surfaces in the depth map are bent like a bowl, and would be flat if it held ray length: "
    "try Ray Length."
)
_FLAT = "Flat surfaces in the depth map are flat as it is, so it may be no ray length."


@dataclass(frozen=True)
class Prepared:
    """What takes longer than a step, made of what the engine answered.

    Attributes:
        result: With the sky behind everything else, where the model found one.
        intrinsics: Of the maps.
        stored: The maps, as Blender is to store them.
        doubts: Sentences for the user.
        sky: Meters at which the sky begins; 0 if there is none.
    """

    result: DepthResult
    intrinsics: Intrinsics
    stored: StoredDepth
    doubts: list[str]
    sky: float


def prepare(
    result: DepthResult,
    intrinsics: Intrinsics,
    *,
    unseen: np.ndarray | None,
    rgb: np.ndarray | None,
    measured: np.ndarray | None,
    is_ray: bool,
) -> Prepared:
    """Make it, for any thread.

    Args:
        result: What the engine answered.
        intrinsics: Of its maps.
        unseen: (H, W) bool, what the picture's camera does not see; None for nothing.
        rgb: (H, W, 3) uint8 to be kept in the file; None where the picture is there.
        measured: (H, W) meters that were given; None if none were.
        is_ray: Whether these were given as ray length.
    """
    sky = 0.0
    maps = [result.depth, result.metric_depth]
    if result.holes is not None:
        maps = [np.where(result.holes, np.float32(0), each) for each in maps]
    if result.sky is not None:
        *maps, sky = put_sky_behind(*maps, result.sky)  # which also lies behind its holes
    if unseen is not None:
        maps = [np.where(unseen, np.float32(0), each) for each in maps]
    result = replace(result, depth=maps[0], metric_depth=maps[1])
    normals = result.normals
    if normals is not None:
        normals = other_axes(normals)
    stored = store_depth(result.depth, result.metric_depth, intrinsics, normals)
    if rgb is not None:
        stored = replace(stored, picture_file=picture_file(rgb))
    return Prepared(result, intrinsics, stored, _doubts(measured, intrinsics, is_ray), sky)


def _doubts(measured: np.ndarray | None, intrinsics: Intrinsics, is_ray: bool) -> list[str]:
    """Whether planes say that the measured depth is of the other kind than it is taken for."""
    if measured is None:
        return []
    depth = np.asarray(measured)
    if depth.shape != (intrinsics.height, intrinsics.width):
        return []
    found = measured_along(depth, intrinsics)
    if found == "ray" and not is_ray:
        return [_BENT]
    if is_ray and measured_along(length_of_ray(depth, intrinsics), intrinsics) == "axis":
        return [_FLAT]
    return []
