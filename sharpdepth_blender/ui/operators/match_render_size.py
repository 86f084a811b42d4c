"""Match render size: the scene renders the plate's own size."""

import bpy
from bpy.app.translations import pgettext_rpt

from ...scene import target_result
from ...scene.camera import has_render_size, set_render_size
from ...scene.shaped import picture_intrinsics
from ...scene.under import lies_under_picture
from .target import has_target


class SHARPDEPTH_OT_match_render_size(bpy.types.Operator):
    """`bpy.ops.sharpdepth.match_render_size()`: of the result that is active or selected."""

    bl_idname = "sharpdepth.match_render_size"
    bl_label = "Match Render Size to Plate"
    bl_description = (
        "Set the scene's render size and pixel aspect to those of the result's picture, so that "
        "the picture fills the frame of its camera"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        """Whether there is a result whose picture has another size."""
        if not has_target(cls, context):
            return False
        intrinsics = picture_intrinsics(target_result(context))
        if intrinsics is None:
            cls.poll_message_set("The size of the result's picture is not known")
        elif has_render_size(context.scene, intrinsics):
            cls.poll_message_set("The render size is the picture's already")
        else:
            return True
        return False

    def execute(self, context):
        """Set it."""
        scene, result = context.scene, target_result(context)
        under = lies_under_picture(scene, result)
        set_render_size(scene, picture_intrinsics(result))
        render = scene.render
        text = pgettext_rpt("The scene renders {width} x {height} pixels now.")
        text = text.format(width=render.resolution_x, height=render.resolution_y)
        self.report({"INFO"}, text)
        if under and lies_under_picture(scene, result) is False:
            text = pgettext_rpt(
                "{result} does not lie under its picture in this frame: its camera is your own, "
                "and shows the picture elsewhere now. Generate again to lay it there."
            )
            self.report({"WARNING"}, text.format(result=result.name))
        return {"FINISHED"}
