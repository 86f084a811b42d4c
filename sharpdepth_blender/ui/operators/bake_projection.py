"""Bake projection: bake projections into a texture on a UV map."""

import bpy
from bpy.app.translations import pgettext_rpt

from ...scene import SceneError
from ...scene.projection import bake_projection, projections_of


class SHARPDEPTH_OT_bake_projection(bpy.types.Operator):
    """`bpy.ops.sharpdepth.bake_projection(size=2048)`, for selected objects with projections."""

    bl_idname = "sharpdepth.bake_projection"
    bl_label = "Bake Projection"
    bl_description = (
        "Bake the projections on each selected object into a texture packed into the file, with a "
        "material that exporters support. Objects without a UV map get one"
    )
    bl_options = {"REGISTER", "UNDO"}

    size: bpy.props.IntProperty(
        name="Size",
        description="Width and height of the textures, in pixels",
        default=2048,
        min=16,
        max=16384,
        subtype="PIXEL",
    )
    assign: bpy.props.BoolProperty(
        name="Assign",
        description="Show the baked material instead of the projections, whose material is kept "
        "in the file",
        default=True,
    )

    @classmethod
    def poll(cls, context):
        """Whether there is a projection to bake."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Go back to Object Mode to bake projections")
        elif not _painted(context):
            cls.poll_message_set("Nothing is projected onto the selected objects")
        else:
            return True
        return False

    def invoke(self, context, event):
        """Ask for the size, because baking may take minutes."""
        return context.window_manager.invoke_props_dialog(self)

    def execute(self, context):
        """Bake them."""
        objects, baked = _painted(context), []
        try:
            for obj in objects:
                baked.append(bake_projection(context.scene, obj, self.size, assign=self.assign))
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"FINISHED"} if baked else {"CANCELLED"}  # undo includes the ones baked before
        text = pgettext_rpt("Baked the projections on {objects}.")
        names = ", ".join(obj.name for obj in objects)
        self.report({"INFO"}, text.format(objects=names))
        return {"FINISHED"}


def _painted(context):
    return [obj for obj in context.selected_objects if obj.type == "MESH" and projections_of(obj)]
