"""Steady: depth maps of neighboring frames brought to agree, without smearing what moves.

Two steps, of which neither knows how the frames were divided among processes. `relate` measures how
each frame's depth stands to the next one's, `solve_fits` finds from all of that one scale and shift
a frame, and `blend` mixes each frame with those around it that see the same.
"""

from .blend import blend
from .frame_pair import Relation, relate
from .reprojection import View, reproject
from .scale_shift import Fit, find_breaks, find_jumps, solve_fits

__all__ = [
    "Fit",
    "View",
    "Relation",
    "blend",
    "find_breaks",
    "find_jumps",
    "relate",
    "reproject",
    "solve_fits",
]
