"""Split layers: split a live result into depth layers."""

import bpy
from bpy.app.translations import pgettext_rpt

from ...scene import SceneError
from ...scene.layers import layer_objects, split_result
from ...scene.live import find_modifier
from ...tasks.generate import is_preview
from ...tasks.results import find_result
from ..layer_settings import KINDS


class SHARPDEPTH_OT_split_layers(bpy.types.Operator):
    """`bpy.ops.sharpdepth.split_layers(count=4, kind="RELIEF", edge=3, move=0)`.

    `move` is in Blender units. Splits the active or selected result, else the newest.
    """

    bl_idname = "sharpdepth.split_layers"
    bl_label = "Split into Layers"
    bl_description = (
        "Split the live result by depth into layers in a new collection, each extended behind the "
        "edges of those in front. The result itself is hidden"
    )
    bl_options = {"REGISTER", "UNDO"}

    count: bpy.props.IntProperty(
        name="Layers",
        description="Number of layers, not counting the sky",
        default=4,
        min=2,
        max=8,
    )
    kind: bpy.props.EnumProperty(name="Kind", description="Shape of the layers", items=KINDS)
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

    @classmethod
    def poll(cls, context):
        """Whether there is a live result."""
        result = find_result(context)
        if result is None or find_modifier(result) is None:
            cls.poll_message_set("There is no live depth result to split")
            return False
        if is_preview(result):
            cls.poll_message_set("The result has not been sharpened yet")
            return False
        return True

    def execute(self, context):
        """Split it."""
        result = find_result(context)
        move = self.move * context.scene.unit_settings.scale_length
        try:
            rig = split_result(
                context.scene,
                result,
                count=self.count,
                cards=self.kind == "CARDS",
                edge=self.edge,
                move=move or None,
            )
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        rig.select_set(True)
        context.view_layer.objects.active = rig
        text = pgettext_rpt("Created {count} layers in the collection {name}; {result} is hidden.")
        self.report(
            {"INFO"},
            text.format(
                count=len(layer_objects(rig)),
                name=rig.users_collection[0].name,
                result=result.name,
            ),
        )
        return {"FINISHED"}
