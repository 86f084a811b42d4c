"""Lengths: as Blender writes them, in the unit of the scene."""

import bpy


def length_text(scene, length):
    """Write a length of so many Blender units, such as `3.2 m`."""
    settings = scene.unit_settings
    # Without a unit system Blender shows its own units, whatever their scale is.
    scale = 1.0 if settings.system == "NONE" else settings.scale_length
    text = bpy.utils.units.to_string(settings.system, "LENGTH", length * scale, precision=4)
    return text.strip()
