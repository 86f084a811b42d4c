"""Set scale: rescale a result about its camera from one known distance."""

import bpy
from bpy.app.translations import pgettext_iface, pgettext_rpt
from mathutils import Vector

from ...scene import SceneError
from ...scene.measured import scalable_result, selected_points
from ...scene.scale import scale_factor, scale_result
from ...tasks.formatting import length_text
from .target import finds


class SHARPDEPTH_OT_set_scale(bpy.types.Operator):
    """`bpy.ops.sharpdepth.set_scale(distance=2, first=(x, y, z), second=(x, y, z))`.

    Lengths and positions are in Blender units, as in all operators. Without the two points, the
    selected ones are measured.
    """

    bl_idname = "sharpdepth.set_scale"
    bl_label = "Set Scale"
    bl_description = (
        "Scale the result about its camera to true size, from the real distance between two "
        "selected empties, two selected vertices or two clicked points"
    )
    bl_options = {"REGISTER", "UNDO"}

    distance: bpy.props.FloatProperty(
        name="Real Distance",
        description="Real distance between the two points",
        subtype="DISTANCE",
        unit="LENGTH",
        min=0.0,
        precision=4,
        options={"SKIP_SAVE"},
    )
    first: bpy.props.FloatVectorProperty(
        name="First Point",
        description="World position of the first point",
        subtype="XYZ_LENGTH",
        unit="LENGTH",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    second: bpy.props.FloatVectorProperty(
        name="Second Point",
        description="World position of the second point",
        subtype="XYZ_LENGTH",
        unit="LENGTH",
        options={"SKIP_SAVE", "HIDDEN"},
    )

    @classmethod
    def poll(cls, context):
        """Whether there is a result to scale."""
        return finds(cls, context, scalable_result)

    def invoke(self, context, event):
        """Ask for the distance between the two points; have them clicked if they are not set."""
        try:
            self._measure(context)
        except SceneError as error:
            if not bpy.ops.sharpdepth.pick_points.poll():
                return self._fail(error)
            bpy.ops.sharpdepth.pick_points("INVOKE_DEFAULT", tool="SCALE")
            return {"CANCELLED"}  # it comes back with the points
        if not self.properties.is_property_set("distance"):
            self.distance = self._measured
        return context.window_manager.invoke_props_dialog(self, width=300)

    def draw(self, context):
        """Draw the real distance, the measured one, and the factor between them."""
        split = self.layout.split(factor=0.4)
        split.label(text="Real Distance")
        field = split.row()
        field.activate_init = True  # ready for typing
        field.prop(self, "distance", text="")
        texts = [pgettext_iface("Measured: {}").format(length_text(context.scene, self._measured))]
        if self._measured > 0:
            factor = self.distance / self._measured
            texts.append(pgettext_iface("Factor: {}").format(f"{factor:.4g}"))
        for text in texts:
            split = self.layout.split(factor=0.4)
            split.label()
            split.label(text=text, translate=False)

    def execute(self, context):
        """Scale the result."""
        try:
            result = scalable_result(context)
            self._measure(context)
            factor = scale_factor(self.first, self.second, self.distance)
            scale_result(result, factor)
        except SceneError as error:
            return self._fail(error)
        text = pgettext_rpt("Scaled by {factor}: {before} is now {after}").format(
            factor=f"{factor:.4g}",
            before=length_text(context.scene, self._measured),
            after=length_text(context.scene, self.distance),
        )
        self.report({"INFO"}, text)
        return {"FINISHED"}

    @property
    def _measured(self):
        """Current distance between the two points, in Blender units."""
        return (Vector(self.second) - Vector(self.first)).length

    def _measure(self, context):
        """Take the points from the selection unless both are given."""
        given = [self.properties.is_property_set(name) for name in ("first", "second")]
        if not all(given):
            self.first, self.second = selected_points(context, scalable_result(context))

    def _fail(self, error):
        self.report({"ERROR"}, str(error))
        return {"CANCELLED"}
