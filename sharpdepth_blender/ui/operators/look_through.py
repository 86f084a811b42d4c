"""Look through: the viewport shows a result as its camera sees it, in the picture's colors."""

import bpy

from ...scene import target_result
from ...scene.taken import seen_by
from .target import has_target


class SHARPDEPTH_OT_look_through(bpy.types.Operator):
    """`bpy.ops.sharpdepth.look_through()`: in the viewport that the context names.

    The scene's camera stays as it is; where the result has another one, the viewport gets that as
    its own.
    """

    bl_idname = "sharpdepth.look_through"
    bl_label = "Look Through Camera"
    bl_description = (
        "Show the result in this viewport as its camera sees it, with the picture on it: in camera "
        "view and Material Preview. Other viewports stay as they are"
    )
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context):
        """Whether this is a viewport, and the result's camera is known."""
        if not has_target(cls, context):
            return False
        camera = seen_by(target_result(context))
        if camera is None:
            cls.poll_message_set("The camera that took the result's picture is not known, or gone")
        elif camera.name not in context.scene.objects and camera != context.scene.camera:
            cls.poll_message_set("The camera that took the result's picture is in another scene")
        elif context.space_data is None or context.space_data.type != "VIEW_3D":
            cls.poll_message_set("Press this in the sidebar of a 3D viewport")
        else:
            return True
        return False

    def execute(self, context):
        """Look."""
        space, camera = context.space_data, seen_by(target_result(context))
        look_through(space, context.scene, camera)
        return {"FINISHED"}


def look_through(
    space: bpy.types.SpaceView3D, scene: bpy.types.Scene, camera: bpy.types.Object
) -> None:
    """Have a viewport show what a camera sees, in the colors of the materials."""
    space.use_local_camera = camera != scene.camera
    space.camera = camera
    space.region_3d.view_perspective = "CAMERA"
    if space.shading.type not in ("MATERIAL", "RENDERED"):
        space.shading.type = "MATERIAL"
