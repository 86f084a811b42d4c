"""Camera move: does a set-up still cover the frame when the shot camera moves?"""

from .check import FrameChecker, check_move, move_frames, propose_step
from .masks import keep_masks, mask_of
from .overlay import are_masks_shown, has_masks, show_masks
from .report import (
    LIMIT,
    Coverage,
    MoveReport,
    PaintHere,
    changed_since,
    keep_report,
    kept_lines,
)
from .source_view import SourceView, taking_views
from .state import forget_paint, move_state

__all__ = [
    "LIMIT",
    "Coverage",
    "FrameChecker",
    "MoveReport",
    "PaintHere",
    "SourceView",
    "are_masks_shown",
    "changed_since",
    "check_move",
    "forget_paint",
    "has_masks",
    "keep_masks",
    "keep_report",
    "kept_lines",
    "mask_of",
    "move_frames",
    "move_state",
    "propose_step",
    "show_masks",
    "taking_views",
]
