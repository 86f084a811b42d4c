"""Propose kinds: give each layer the shape that suits it."""

import bpy

from ...api import propose_kinds
from ...scene import SceneError
from ...scene.layers import meant_layers
from ...tasks import layer_update
from .target import has_layers


class SHARPDEPTH_OT_propose_kinds(bpy.types.Operator):
    """`bpy.ops.sharpdepth.propose_kinds()`, for the active set of layers, or the only one."""

    bl_idname = "sharpdepth.propose_kinds"
    bl_label = "Propose Kinds"
    bl_description = (
        "Choose the kind that suits each layer, by the planes found in its depth, and say why"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        """Whether it is clear which layers are meant."""
        return has_layers(cls, context)

    def execute(self, context):
        """Propose, and cut anew."""
        layer_update.finish_drafts()
        try:
            propose_kinds(meant_layers(context))
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}
