"""Split layers: split a live result into depth layers."""

import bpy
from bpy.app.translations import pgettext_rpt

from ...api import split_layers
from ...scene import SceneError, target_result
from ...scene.layers import PROPOSED, layer_objects, layers_cut, layers_note, rigs_of, units_of
from ...scene.perspective import check_perspective
from ...scene.units import meters_per_unit
from ...tasks import layer_update
from ..layer_settings import KINDS
from .target import finds, has_target


class SHARPDEPTH_OT_split_layers(bpy.types.Operator):
    """`bpy.ops.sharpdepth.split_layers(count=4, kind="RELIEF", edge=3, move=0)`.

    `move` is in Blender units. Splits the active or selected result, else the newest. What is not
    given stays as it is where the result has layers already, and else is as the panel has it.
    """

    bl_idname = "sharpdepth.split_layers"
    bl_label = "Split into Layers"
    bl_description = (
        "Split the live result by depth into layers in a collection of their own, each extended "
        "behind the edges of those in front. The result itself is hidden, and layers that it was "
        "split into before are updated and keep their settings"
    )
    bl_options = {"REGISTER", "UNDO"}

    count: bpy.props.IntProperty(
        name="Layers",
        description="Number of layers, not counting the sky",
        default=4,
        min=2,
        max=8,
    )
    kind: bpy.props.EnumProperty(
        name="Kind",
        description="Shape of the layers",
        items=[
            *KINDS,
            (
                PROPOSED,
                "Proposed",
                "Each layer has the shape that suits it",
                "SHADERFX",
                len(KINDS),
            ),
        ],
    )
    edge: bpy.props.IntProperty(
        name="Edge",
        description="Width of the fade at layer edges, in pixels",
        default=3,
        min=0,
        max=32,
        subtype="PIXEL",
    )
    move: bpy.props.FloatProperty(
        name="Camera Move",
        description="Distance that the camera can move in any direction without showing holes. "
        "0: a tenth of the nearest layer's depth",
        min=0.0,
        subtype="DISTANCE",
        unit="LENGTH",
    )

    keep_both: bpy.props.BoolProperty(
        name="Keep Both",
        description="Add another set where the result has been split before, in place of cutting "
        "its layers anew",
        default=False,
    )

    @classmethod
    def poll(cls, context):
        """Whether there is a live result, of a perspective picture."""
        return has_target(cls, context, live=True) and finds(cls, context, _check_picture)

    def execute(self, context):
        """Split it."""
        result, there = target_result(context), {each.session_uid for each in bpy.data.objects}
        layer_update.finish_drafts()
        settings = context.scene.sharpdepth
        keep_both = self.keep_both or settings.keep_both
        asked = {
            name: getattr(self, name)
            for name in ("count", "kind", "edge", "move")
            if self.properties.is_property_set(name)
        }
        if keep_both or not rigs_of(context.scene, result):
            asked = {"count": settings.layers, "move": settings.camera_move} | asked
        if "move" in asked:
            asked["move"] = asked["move"] * meters_per_unit(context.scene) or None
        try:
            rig = split_layers(
                result,
                context.scene,
                keep_both=keep_both,
                **asked,
            )
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        cut = layers_cut(rig)  # for the panel of the last operation
        self.count, self.move = len(cut.layers), cut.move * units_of(rig)
        rig.select_set(True)
        context.view_layer.objects.active = rig
        text = pgettext_rpt("Created {count} layers in the collection {name}; {result} is hidden.")
        if rig.session_uid in there:
            text = pgettext_rpt(
                "Updated {count} layers in the collection {name}, which keep their settings; "
                "{result} is hidden."
            )
        self.report(
            {"INFO"},
            text.format(
                count=len(layer_objects(rig)),
                name=rig.users_collection[0].name,
                result=result.name,
            ),
        )
        if note := layers_note(rig):
            self.report({"WARNING"}, note)
        return {"FINISHED"}


def _check_picture(context):
    check_perspective(target_result(context))
