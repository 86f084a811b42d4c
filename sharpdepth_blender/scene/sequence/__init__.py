"""Sequences: depth of many frames, as files, and as one live object that follows the frame."""

from .assembly import assemble
from .errors import SequenceError
from .follow import add_depth_sequence
from .frames import Frames, picture_sequence
from .store import RawFrame, Store, small_brightness

__all__ = [
    "Frames",
    "RawFrame",
    "SequenceError",
    "Store",
    "add_depth_sequence",
    "assemble",
    "picture_sequence",
    "small_brightness",
]
