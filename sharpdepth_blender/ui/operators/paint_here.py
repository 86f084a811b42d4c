"""Paint here: where the last check of a move found that layers need paint, shown on them."""

import bpy

from ...scene.move import are_masks_shown, has_masks, show_masks


class SHARPDEPTH_OT_show_paint_here(bpy.types.Operator):
    """`bpy.ops.sharpdepth.show_paint_here()`; once more hides it."""

    bl_idname = "sharpdepth.show_paint_here"
    bl_label = "Show Paint Here"
    bl_description = (
        "Show on the layers, in green, the pixels that the move reveals and that no plate shows "
        "and nobody has painted. Click again to hide them; in renders they show, too"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context):
        """Whether a move was checked that layers stand in."""
        if not has_masks(context.scene):
            cls.poll_message_set("Check a move of layers first")
            return False
        return True

    def execute(self, context):
        """Show the masks, or hide them."""
        show_masks(context.scene, not are_masks_shown(context.scene))
        return {"FINISHED"}
