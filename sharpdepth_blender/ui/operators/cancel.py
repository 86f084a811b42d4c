"""Cancel: stop a generation."""

import bpy
from bpy.app.translations import pgettext_rpt

from ...tasks import queue


class SHARPDEPTH_OT_cancel(bpy.types.Operator):
    """`bpy.ops.sharpdepth.cancel()`: stops the running or a waiting generation."""

    bl_idname = "sharpdepth.cancel"
    bl_label = "Cancel"
    bl_description = "Stop generating this depth mesh. Esc stops the first one"
    bl_options = {"INTERNAL"}

    number: bpy.props.IntProperty(
        name="Number",
        description="Position in the queue: 0 is running, the others are waiting",
        min=0,
        options={"SKIP_SAVE", "HIDDEN"},
    )

    @classmethod
    def poll(cls, context):
        """Whether anything is being generated; otherwise Esc is passed on."""
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
            pgettext_rpt("Canceled the depth mesh of {name}.").format(name=generation.name),
        )
        return {"FINISHED"}
