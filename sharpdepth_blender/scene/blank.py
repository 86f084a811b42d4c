"""Blank: an empty scene for work without a window."""

import bpy


def blank_scene() -> bpy.types.Scene:
    """Open an empty file in place of what is open, with the preferences left as they are.

    Returns:
        Its only scene, in meters, with nothing in it.
    """
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return bpy.context.scene  # type: ignore[return-value]  # every file has one
