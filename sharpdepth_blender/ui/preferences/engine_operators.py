"""Operators of the engine box."""

import bpy

from ...tasks import queue
from ...tasks.install_engine import InstallTask
from ...tasks.online import why_offline
from ...tasks.status import chosen_environment
from .consent import WIDTH, draw_engine_consent


def _why_not(job: str) -> str:
    """Return why a job cannot start now; empty if it can."""
    if queue.is_busy("engine"):
        return "The installer is running"
    if job != "check" and queue.is_busy("weights"):
        return "A weights download is in progress"
    if job != "check" and queue.running():
        return "The engine is generating a depth mesh"
    return why_offline() if job in ("install", "repair") else ""


class _Job:
    """Base of operators that run a `job` of the installer."""

    job: str
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context):
        """Whether it can start; otherwise the button shows the reason."""
        why = _why_not(cls.job)
        cls.poll_message_set(why)
        return not why

    def execute(self, context):
        """Start in the background, or run blocking in background mode."""
        return queue.follow(self, InstallTask(self.job))


class SHARPDEPTH_OT_engine_install(_Job, bpy.types.Operator):
    """`bpy.ops.sharpdepth.engine_install()`."""

    job = "install"
    bl_idname = "sharpdepth.engine_install"
    bl_label = "Install Engine"
    bl_description = "Install PyTorch and the other libraries for the models, outside Blender"

    def invoke(self, context, event):
        """Show what will be downloaded, and ask."""
        return context.window_manager.invoke_props_dialog(
            self, width=WIDTH, confirm_text="Download"
        )

    def draw(self, context):
        """Draw the question."""
        draw_engine_consent(self.layout, chosen_environment().place)


class SHARPDEPTH_OT_engine_check(_Job, bpy.types.Operator):
    """`bpy.ops.sharpdepth.engine_check()`."""

    job = "check"
    bl_idname = "sharpdepth.engine_check"
    bl_label = "Check Engine"
    bl_description = "Start the engine's Python and check whether everything in it works"


class SHARPDEPTH_OT_engine_repair(_Job, bpy.types.Operator):
    """`bpy.ops.sharpdepth.engine_repair()`."""

    job = "repair"
    bl_idname = "sharpdepth.engine_repair"
    bl_label = "Repair Engine"
    bl_description = "Check the engine, and reinstall it if something is wrong"


class SHARPDEPTH_OT_engine_remove(_Job, bpy.types.Operator):
    """`bpy.ops.sharpdepth.engine_remove()`."""

    job = "remove"
    bl_idname = "sharpdepth.engine_remove"
    bl_label = "Remove Engine"
    bl_description = "Delete the engine's environment but keep the weights"

    def invoke(self, context, event):
        """Ask."""
        return context.window_manager.invoke_confirm(self, event)


class SHARPDEPTH_OT_engine_cancel(bpy.types.Operator):
    """`bpy.ops.sharpdepth.engine_cancel()`."""

    bl_idname = "sharpdepth.engine_cancel"
    bl_label = "Cancel"
    bl_description = "Stop the installer. The next installation starts over"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context):
        """Whether there is anything to stop."""
        return queue.is_busy("engine")

    def execute(self, context):
        """Stop it."""
        queue.latest("engine").cancel()
        return {"FINISHED"}


ENGINE_OPERATORS = (
    SHARPDEPTH_OT_engine_install,
    SHARPDEPTH_OT_engine_check,
    SHARPDEPTH_OT_engine_repair,
    SHARPDEPTH_OT_engine_remove,
    SHARPDEPTH_OT_engine_cancel,
)
