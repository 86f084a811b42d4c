"""Open preferences: where engine and models are installed."""

import bpy

from ...tasks.prefs import ADDON


class SHARPDEPTH_OT_open_preferences(bpy.types.Operator):
    """`bpy.ops.sharpdepth.open_preferences()`."""

    bl_idname = "sharpdepth.open_preferences"
    bl_label = "Open Preferences"
    bl_description = "Show where the engine and the models are installed"
    bl_options = {"INTERNAL"}

    def execute(self, context):
        """Show them."""
        bpy.ops.preferences.addon_show(module=ADDON)
        return {"FINISHED"}
