"""Cancel: stop what is being generated."""

import bpy
from bpy.app.translations import pgettext_rpt

from ...tasks import queue


class SHARPDEPTH_OT_cancel(bpy.types.Operator):
    """`bpy.ops.sharpdepth.cancel()`: stops the one at work, or one that waits."""

    bl_idname = "sharpdepth.cancel"
    bl_label = "Cancel"
    bl_description = "Stop this depth mesh and leave the file as it was. ESC stops the first one"
    bl_options = {"INTERNAL"}

    number: bpy.props.IntProperty(
        name="Number",
        description="This says which one to stop: 0 is at work, the others wait",
        min=0,
        options={"SKIP_SAVE", "HIDDEN"},
    )

    @classmethod
    def poll(cls, context):
        """Whether anything is being generated; where nothing is, ESC means what it always does."""
        return bool(queue.running())

    def execute(self, context):
        """Stop it."""
        running = queue.running()
        if self.number >= len(running):
            return {"CANCELLED"}
        generation = running[self.number]
        queue.cancel(generation)
        self.report(
            {"INFO"},
            pgettext_rpt("Cancelled the depth mesh of {name}.").format(name=generation.name),
        )
        return {"FINISHED"}
