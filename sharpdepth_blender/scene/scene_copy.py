"""Scene copy: a copy that can be changed while the scene stays as it is."""

import bpy


def copied_scene(scene: bpy.types.Scene) -> bpy.types.Scene:
    """Copy a scene without its timeline markers, which could switch the camera."""
    copy: bpy.types.Scene = scene.copy()  # type: ignore[assignment]  # never None
    copy.timeline_markers.clear()
    return copy
