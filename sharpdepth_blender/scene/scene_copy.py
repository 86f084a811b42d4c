"""Scene copy: a copy of a scene to change, so that the scene itself stays as it is."""

import bpy


def copied_scene(scene: bpy.types.Scene) -> bpy.types.Scene:
    """Copy a scene without its timeline markers, which would switch its camera."""
    copy: bpy.types.Scene = scene.copy()  # type: ignore[assignment]  # never None
    copy.timeline_markers.clear()
    return copy
