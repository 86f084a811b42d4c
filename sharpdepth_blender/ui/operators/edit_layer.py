"""Edit layer: split, merge and move the active layer of a set, and bring back deleted ones."""

import bpy

from ...api import merge_layer, move_layer, restore_layers, split_layer
from ...scene import SceneError
from ...scene.layers import chosen_layer, deleted_layers, meant_layers
from ...scene.units import meters_per_unit
from ...tasks import layer_update
from ..layer_settings import is_layer_of_set, is_sky


class _Edit:
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        """Whether there is a layer to change."""
        obj = chosen_layer(context)
        if obj is None:
            cls.poll_message_set("Choose a layer of a set")
            return False
        if is_layer_of_set(obj) and is_sky(obj):
            cls.poll_message_set("The sky has no depth, so it stays behind all layers as one")
            return False
        return True

    def execute(self, context):
        """Change it."""
        layer_update.finish_drafts()
        try:
            self._change(context, chosen_layer(context))
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class SHARPDEPTH_OT_split_layer(_Edit, bpy.types.Operator):
    """`bpy.ops.sharpdepth.split_layer(at="DEPTH", depth=4.2)`; `depth` is in Blender units."""

    bl_idname = "sharpdepth.split_layer"
    bl_label = "Split Layer"
    bl_description = (
        "Split this layer in two. The nearer part keeps its object, the farther one gets a new "
        "one; other layers are not touched"
    )

    at: bpy.props.EnumProperty(
        name="At",
        description="Where to split the layer",
        items=[
            ("VALLEY", "Gap", "Between its things, at the best gap in depth"),
            ("HALVES", "Halves", "At its middle, with as many pixels on either side"),
            ("DEPTH", "Depth", "At a given depth"),
        ],
    )
    depth: bpy.props.FloatProperty(
        name="Depth",
        description="Depth at which to split the layer",
        min=0.0,
        subtype="DISTANCE",
        unit="LENGTH",
    )

    def draw(self, context):
        """Draw the depth where it counts."""
        self.layout.use_property_split = True
        self.layout.prop(self, "at")
        if self.at == "DEPTH":
            self.layout.prop(self, "depth")

    def _change(self, context, obj):
        meters = self.depth * meters_per_unit(context.scene)
        split_layer(obj, meters if self.at == "DEPTH" else self.at)


class SHARPDEPTH_OT_merge_layer(_Edit, bpy.types.Operator):
    """`bpy.ops.sharpdepth.merge_layer()`: the active layer with the one behind it."""

    bl_idname = "sharpdepth.merge_layer"
    bl_label = "Merge with Next Layer"
    bl_description = (
        "Join this layer with the one behind it, paint and masks included. Other layers are not "
        "touched"
    )

    def _change(self, context, obj):
        merge_layer(obj)


class SHARPDEPTH_OT_move_layer(_Edit, bpy.types.Operator):
    """`bpy.ops.sharpdepth.move_layer(up=True)`: past the layer before or behind it."""

    bl_idname = "sharpdepth.move_layer"
    bl_label = "Move Layer"
    bl_description = (
        "Move this layer in front of or behind the next one. A layer that goes behind something "
        "farther is pushed back along the view rays, so that the picture stays the same"
    )

    up: bpy.props.BoolProperty(
        name="Up", description="Toward the camera", default=True, options={"SKIP_SAVE"}
    )

    def _change(self, context, obj):
        move_layer(obj, -1 if self.up else 1)


class SHARPDEPTH_OT_restore_layers(bpy.types.Operator):
    """`bpy.ops.sharpdepth.restore_layers()`: all deleted layers of the set that is meant."""

    bl_idname = "sharpdepth.restore_layers"
    bl_label = "Bring Back Deleted Layers"
    bl_description = (
        "Make the layers of this set again whose objects were deleted. Other layers are not touched"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        """Whether there are any."""
        rig = meant_layers(context)
        if rig is None or not deleted_layers(rig):
            cls.poll_message_set("No layer of a set was deleted")
            return False
        return True

    def execute(self, context):
        """Make them again."""
        layer_update.finish_drafts()
        try:
            restore_layers(meant_layers(context))
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}
