"""Set floor: turn a result and its camera so that its floor is level and at height zero."""

import bpy
from bpy.app.translations import pgettext_rpt

from ...scene import SceneError
from ...scene.floor import set_floor
from ...scene.measured import measurable_result, selected_places
from .target import finds


class SHARPDEPTH_OT_set_floor(bpy.types.Operator):
    """`bpy.ops.sharpdepth.set_floor(points=(x, y, z, x, y, z, x, y, z))`, in Blender units.

    Without points, those that are selected are taken.
    """

    bl_idname = "sharpdepth.set_floor"
    bl_label = "Set Floor"
    bl_description = (
        "Turn the result and its camera until the floor is level at height zero: click three "
        "points of it, or select empties on it or vertices of a baked result first"
    )
    bl_options = {"REGISTER", "UNDO"}

    points: bpy.props.FloatVectorProperty(
        name="Points",
        description="World positions of three points of the floor",
        size=9,
        options={"SKIP_SAVE", "HIDDEN"},
    )

    @classmethod
    def poll(cls, context):
        """Whether there is a result that can be meant."""
        return finds(cls, context, measurable_result)

    def invoke(self, context, event):
        """Take the selection, or let the points be clicked."""
        try:
            selected_places(context, measurable_result(context))
        except SceneError as error:
            if not bpy.ops.sharpdepth.pick_points.poll():
                return self._fail(error)
            bpy.ops.sharpdepth.pick_points("INVOKE_DEFAULT", tool="FLOOR")
            return {"CANCELLED"}  # it comes back with the points
        return self.execute(context)

    def execute(self, context):
        """Turn them."""
        try:
            result = measurable_result(context)
            if self.properties.is_property_set("points"):
                points = [self.points[first : first + 3] for first in (0, 3, 6)]
            else:
                points = selected_places(context, result)
            turned = set_floor(context.scene, result, points)
        except SceneError as error:
            return self._fail(error)
        text = pgettext_rpt("The floor is level at height 0; turned {objects}.")
        self.report({"INFO"}, text.format(objects=", ".join(obj.name for obj in turned)))
        return {"FINISHED"}

    def _fail(self, error):
        self.report({"ERROR"}, str(error))
        return {"CANCELLED"}
