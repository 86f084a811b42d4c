"""Change projections: reorder, remove, and update occlusion."""

import bpy

from ...scene import SceneError
from ...scene.projection import (
    move_projection,
    projections_of,
    remove_projection,
    update_projection,
)


class _OfActive:
    """Base of operators on the active object's projections."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        """Whether the active object has a projection."""
        obj = context.active_object
        if obj is None or not projections_of(obj):
            cls.poll_message_set("The active object has no projection")
        elif obj.mode != "OBJECT":
            cls.poll_message_set("Go back to Object Mode to change projections")
        else:
            return True
        return False

    def execute(self, context):
        """Apply the change."""
        try:
            self._change(context)
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class _OfOne(_OfActive):
    """Base of operators on one projection, by the name of its node group; default the topmost."""

    name: bpy.props.StringProperty(
        name="Projection",
        description="Name of the projection, which is that of its camera; empty for the topmost",
        options={"SKIP_SAVE"},
    )

    def _projection(self, context):
        found = projections_of(context.active_object)
        return bpy.data.node_groups.get(self.name) if self.name else found[-1]


class SHARPDEPTH_OT_move_projection(_OfOne, bpy.types.Operator):
    """`bpy.ops.sharpdepth.move_projection(name=..., up=True)`, on the active object."""

    bl_idname = "sharpdepth.move_projection"
    bl_label = "Move Projection"
    bl_description = "Move this projection up or down in the stack of the active object"

    up: bpy.props.BoolProperty(
        name="Up",
        description="Move up instead of down",
        default=True,
        options={"SKIP_SAVE"},
    )

    def _change(self, context):
        obj, projection = context.active_object, self._projection(context)
        found = projections_of(obj)
        index = found.index(projection) if projection in found else 0
        move_projection(obj, projection, index + (1 if self.up else -1))


class SHARPDEPTH_OT_remove_projection(_OfOne, bpy.types.Operator):
    """`bpy.ops.sharpdepth.remove_projection(name=...)`, from the active object."""

    bl_idname = "sharpdepth.remove_projection"
    bl_label = "Remove Projection"
    bl_description = (
        "Remove this projection from the active object. Removing the last one restores the "
        "original materials"
    )

    def _change(self, context):
        remove_projection(context.active_object, self._projection(context))


class SHARPDEPTH_OT_update_projection(_OfActive, bpy.types.Operator):
    """`bpy.ops.sharpdepth.update_projection()`: all projections of the active object."""

    bl_idname = "sharpdepth.update_projection"
    bl_label = "Update Occlusion"
    bl_description = (
        "Recompute what the cameras of the active object's projections see, after objects have "
        "been moved or edited"
    )

    def _change(self, context):
        for projection in projections_of(context.active_object):
            update_projection(context.scene, projection)
