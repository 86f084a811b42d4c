"""Units: how long a Blender unit of a scene is."""

import bpy


def meters_per_unit(scene: bpy.types.Scene) -> float:
    """Meters in one Blender unit; always 1 without a unit system, where Blender ignores its scale.

    Feet and inches are only how lengths are shown.
    """
    settings = scene.unit_settings
    return 1.0 if settings.system == "NONE" else settings.scale_length
