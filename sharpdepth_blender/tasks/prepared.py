"""Prepared: what is made of an answer of the engine before Blender takes it, in numpy alone."""

from dataclasses import dataclass

from ..geometry import Intrinsics
from ..process.job import DepthResult
from ..scene.stored_depth import StoredDepth


@dataclass(frozen=True)
class Prepared:
    """What takes longer than a step, made of what the engine answered."""

    result: DepthResult
    intrinsics: Intrinsics
    stored: StoredDepth
    doubts: list[str]
