"""Blank: an empty scene for work in the background."""

import bpy


def blank_scene() -> bpy.types.Scene:
    """Replace the open file with an empty one; preferences stay as they are.

    Returns:
        Its only scene: empty, one unit a meter.
    """
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return bpy.context.scene  # type: ignore[return-value]  # every file has one
