"""Plain colors: pictures render as they are, by the view or by what they emit."""

import bpy

from ...scene import SceneError, show_plain_colors
from ...scene.plate_colors import update_compensations


class SHARPDEPTH_OT_plain_colors(bpy.types.Operator):
    """`bpy.ops.sharpdepth.plain_colors()`, for the current scene."""

    bl_idname = "sharpdepth.plain_colors"
    bl_label = "View Transform: Standard"
    bl_description = (
        "Set the scene's view transform to Standard, without look, exposure, gamma, curves and "
        "white balance, so that the picture renders in its own colors"
    )
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context):
        """Set it, and what compensated the former view follows."""
        try:
            show_plain_colors(context.scene)
            update_compensations(context.scene)
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class SHARPDEPTH_OT_update_compensation(bpy.types.Operator):
    """`bpy.ops.sharpdepth.update_compensation()`, for all objects of the current scene."""

    bl_idname = "sharpdepth.update_compensation"
    bl_label = "Update Compensation"
    bl_description = (
        "Have all pictures that compensate a view transform compensate the one that the scene has "
        "now, with its exposure and look"
    )
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context):
        """Update them."""
        try:
            update_compensations(context.scene)
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}
