"""Prepared: what is made of an answer of the engine before Blender takes it, in numpy alone."""

from dataclasses import dataclass

from ..geometry import Intrinsics
from ..process.job import DepthResult
from ..scene.stored_depth import StoredDepth


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
