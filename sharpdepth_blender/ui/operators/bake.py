"""Bake: a live result becomes a plain mesh."""

import bpy
from bpy.app.translations import pgettext_rpt

from ...api import bake
from ...scene import SceneError, target_result
from .target import has_target


class SHARPDEPTH_OT_bake(bpy.types.Operator):
    """`bpy.ops.sharpdepth.bake()`: bakes the result that is active or selected, else the newest."""

    bl_idname = "sharpdepth.bake"
    bl_label = "Bake"
    bl_description = "Convert the live result to a plain mesh with its current look"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        """Whether there is a live result."""
        return has_target(cls, context, live=True)

    def execute(self, context):
        """Bake it."""
        result = target_result(context)
        try:
            bake(result)
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report(
            {"INFO"}, pgettext_rpt("Baked {name} to a plain mesh.").format(name=result.name)
        )
        return {"FINISHED"}
