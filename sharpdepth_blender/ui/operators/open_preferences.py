"""Open preferences: show the add-on's preferences."""

import bpy

from ...tasks.prefs import ADDON


class SHARPDEPTH_OT_open_preferences(bpy.types.Operator):
    """`bpy.ops.sharpdepth.open_preferences()`."""

    bl_idname = "sharpdepth.open_preferences"
    bl_label = "Open Preferences"
    bl_description = "Open the add-on preferences, to install the engine and the models"
    bl_options = {"INTERNAL"}

    def execute(self, context):
        """Show them."""
        bpy.ops.preferences.addon_show(module=ADDON)
        return {"FINISHED"}
