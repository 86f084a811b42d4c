"""Operators of the engine's box."""

import bpy

from ...tasks import queue
from ...tasks.install_engine import InstallTask
from ...tasks.online import why_offline
from ...tasks.status import chosen_environment
from .consent import WIDTH, draw_engine_consent


def _why_not(job: str) -> str:
    """Why a job cannot begin now; empty when it can."""
    if queue.is_busy("engine"):
        return "The installer is at work"
    if job != "check" and queue.is_busy("weights"):
        return "A weights download is in progress"
    if job != "check" and queue.running():
        return "A depth mesh is being generated with the engine"
    return why_offline() if job in ("install", "repair") else ""


class _Job:
    """An operator that has the installer do its `job`."""

    job: str
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context):
        """Whether it can begin; the button says why not."""
        why = _why_not(cls.job)
        cls.poll_message_set(why)
        return not why

    def execute(self, context):
        """Begin, or in background mode do it."""
        return queue.follow(self, InstallTask(self.job))


class SHARPDEPTH_OT_engine_install(_Job, bpy.types.Operator):
    """`bpy.ops.sharpdepth.engine_install()`."""

    job = "install"
    bl_idname = "sharpdepth.engine_install"
    bl_label = "Install Engine"
    bl_description = "Install PyTorch and what else runs the models, in a folder outside Blender"

    def invoke(self, context, event):
        """Show what is downloaded, and ask."""
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
    bl_description = "Start the engine's Python and look whether everything in it works"


class SHARPDEPTH_OT_engine_repair(_Job, bpy.types.Operator):
    """`bpy.ops.sharpdepth.engine_repair()`."""

    job = "repair"
    bl_idname = "sharpdepth.engine_repair"
    bl_label = "Repair Engine"
    bl_description = "Check the engine, and install it again where something is wrong"


class SHARPDEPTH_OT_engine_remove(_Job, bpy.types.Operator):
    """`bpy.ops.sharpdepth.engine_remove()`."""

    job = "remove"
    bl_idname = "sharpdepth.engine_remove"
    bl_label = "Remove Engine"
    bl_description = "Delete the folder of the engine's environment; the weights stay"

    def invoke(self, context, event):
        """Ask."""
        return context.window_manager.invoke_confirm(self, event)


class SHARPDEPTH_OT_engine_cancel(bpy.types.Operator):
    """`bpy.ops.sharpdepth.engine_cancel()`."""

    bl_idname = "sharpdepth.engine_cancel"
    bl_label = "Cancel"
    bl_description = "Stop the installer; the next installation starts anew"
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
