"""Sequences: depth of many frames, as files, and as one live object that follows the frame."""

from .errors import SequenceError
from .frames import Frames, picture_sequence
from .sequence_folder import RawFrame, SequenceFolder, offset_from, small_brightness
from .sequence_object import add_depth_sequence, is_untouched_sequence, renew_depth_sequence
from .stabilize import stabilize

__all__ = [
    "Frames",
    "RawFrame",
    "SequenceError",
    "SequenceFolder",
    "add_depth_sequence",
    "is_untouched_sequence",
    "offset_from",
    "picture_sequence",
    "renew_depth_sequence",
    "small_brightness",
    "stabilize",
]
