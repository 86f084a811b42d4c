"""Steady: depth maps of neighboring frames brought to agree, without smearing what moves.

Two steps, of which neither knows how the frames were divided among processes. `relate` measures how
each frame's depth stands to the next one's, `solve_fits` finds from all of that one scale and shift
a frame, and `blend` mixes each frame with those around it that see the same.

A network for video is steady by itself: `window_frames` says what it looks at together,
`join_windows` makes one shot of that, `fit_meters` finds one scale and shift for all of it, and
`sky_disparity` what of it is sky.
"""

from .blend import blend
from .frame_pair import Relation, relate
from .reprojection import View, reproject
from .scale_shift import Fit, find_breaks, find_jumps, solve_fits
from .sky_disparity import sky_disparity
from .video_windows import (
    depth_of_disparity,
    enlarge_disparity,
    fit_meters,
    join_windows,
    window_frames,
)

__all__ = [
    "Fit",
    "View",
    "Relation",
    "blend",
    "depth_of_disparity",
    "enlarge_disparity",
    "find_breaks",
    "find_jumps",
    "fit_meters",
    "join_windows",
    "relate",
    "reproject",
    "sky_disparity",
    "solve_fits",
    "window_frames",
]
