"""Bake: a live result becomes a plain mesh."""

import bpy
from bpy.app.translations import pgettext_rpt

from ...scene import SceneError, bake_result
from ...scene.live import find_modifier
from ...tasks.generate import is_preview
from ...tasks.results import find_result


class SHARPDEPTH_OT_bake(bpy.types.Operator):
    """`bpy.ops.sharpdepth.bake()`: bakes the result that is active or selected, else the newest."""

    bl_idname = "sharpdepth.bake"
    bl_label = "Bake"
    bl_description = "Convert the live result to a plain mesh with its current look"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        """Whether there is a live result."""
        result = find_result(context)
        if result is None or find_modifier(result) is None:
            cls.poll_message_set("There is no live depth result to bake")
            return False
        if is_preview(result):
            cls.poll_message_set("The result has not been sharpened yet")
            return False
        return True

    def execute(self, context):
        """Bake it."""
        result = find_result(context)
        try:
            bake_result(result)
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report(
            {"INFO"}, pgettext_rpt("Baked {name} to a plain mesh.").format(name=result.name)
        )
        return {"FINISHED"}
