"""Notice: a sentence in Blender's own reports, from a task in the background."""

import bpy

_SOON = 0.01  # seconds


class SHARPDEPTH_OT_notice(bpy.types.Operator):
    """Reports a sentence.

    Blender shows the reports of operators that its own event loop runs, and no others, so this one
    waits for the next event.
    """

    bl_idname = "sharpdepth.notice"
    bl_label = "SharpDepth"
    bl_description = "Report what became of something that went on beside the user's work"
    bl_options = {"INTERNAL"}

    level: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    sentence: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    def invoke(self, context, event):
        """Ask for an event."""
        manager = context.window_manager
        self._timer = manager.event_timer_add(_SOON, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        """Report, and be gone."""
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        context.window_manager.event_timer_remove(self._timer)
        for line in self.sentence.splitlines():
            self.report({self.level}, line)
        return {"FINISHED"}


def show_notice(level: str, sentence: str) -> None:
    """Report a sentence where Blender reports those of operators.

    Args:
        level: `INFO`, `WARNING` or `ERROR`; the last one pops up at the pointer.
        sentence: In the user's language; of several lines each is a report of its own.
    """
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        bpy.ops.sharpdepth.notice("INVOKE_DEFAULT", level=level, sentence=sentence)
