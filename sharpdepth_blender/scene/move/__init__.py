"""Camera move: does a set-up still cover the frame when the shot camera moves?"""

from .check import FrameChecker, check_move, move_frames
from .report import LIMIT, Coverage, MoveReport, keep_report, kept_lines
from .source_view import SourceView, taking_views

__all__ = [
    "LIMIT",
    "Coverage",
    "FrameChecker",
    "MoveReport",
    "SourceView",
    "check_move",
    "keep_report",
    "kept_lines",
    "move_frames",
    "taking_views",
]
