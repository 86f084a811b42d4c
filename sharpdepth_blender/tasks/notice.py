"""Notice: reports from background tasks."""

import bpy

_SOON = 0.01  # seconds


class SHARPDEPTH_OT_notice(bpy.types.Operator):
    """Reports a sentence.

    Blender only shows reports of operators run by its event loop, so this one waits for the next
    event.
    """

    bl_idname = "sharpdepth.notice"
    bl_label = "SharpDepth"
    bl_description = "Report the outcome of a background task"
    bl_options = {"INTERNAL"}

    level: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    sentence: bpy.props.StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    def invoke(self, context, event):
        """Wait for an event."""
        manager = context.window_manager
        self._timer = manager.event_timer_add(_SOON, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        """Report and finish."""
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        context.window_manager.event_timer_remove(self._timer)
        for line in self.sentence.splitlines():
            self.report({self.level}, line)
        return {"FINISHED"}


def show_notice(level: str, sentence: str) -> None:
    """Report a sentence like an operator does.

    Args:
        level: `INFO`, `WARNING` or `ERROR`; the last one pops up at the pointer.
        sentence: In the user's language; of several lines each is a report of its own.
    """
    with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
        bpy.ops.sharpdepth.notice("INVOKE_DEFAULT", level=level, sentence=sentence)
