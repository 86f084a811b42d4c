"""Following: what results and layers need wherever they are, with the add-on or in scripts.

Their properties, files that follow the .blend, layers that follow their clean plates and masks, and
reports that are told to be old.
"""

import atexit

import bpy

from ..scene import own_paths
from . import clean_plate_watch, mask_watch, move_watch, results

_PARTS = (results, own_paths, clean_plate_watch, mask_watch, move_watch)


def ensure_registered() -> None:
    """Have it where the add-on is not switched on, as in scripts."""
    if not hasattr(bpy.types.Object, "sharpdepth"):
        register()
        # Our handlers and property functions keep the bpy module alive, and then Blender 4.5 waits
        # for a thread of its own for ever when the process ends.
        atexit.register(_leave)


def register() -> None:
    """Begin to follow."""
    if hasattr(bpy.types.Object, "sharpdepth"):
        return  # a script came first
    for part in _PARTS:
        part.register()


def unregister() -> None:
    """Follow no more."""
    for part in reversed(_PARTS):
        part.unregister()


def _leave() -> None:
    if hasattr(bpy.types.Object, "sharpdepth"):
        unregister()
