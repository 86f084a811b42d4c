"""Operators of the weights box."""

import bpy

from ...tasks import queue
from ...tasks.errors import NotReady
from ...tasks.get_weights import RemovalTask, WeightsTask, missing_parts
from ...tasks.online import why_offline
from ...tasks.requirements import check_engine
from .consent import WIDTH, draw_weights_consent


def why_no_download() -> str:
    """Return why weights cannot be downloaded; empty if they can."""
    return why_no_engine() or why_offline()


def why_no_engine() -> str:
    """Return why weights cannot be copied or downloaded; empty if they can."""
    try:
        check_engine()
    except NotReady as error:
        return str(error)
    return ""


def _why_busy() -> str:
    if queue.is_busy("weights"):
        return "Another weights download is in progress"
    if queue.is_busy("engine"):
        return "The installer is running"
    # It uses the weights folder that was chosen when it started.
    return "The engine is generating a depth mesh" if queue.running() else ""


class _Named:
    """Base of operators on one set of weights."""

    bl_options = {"INTERNAL"}

    name: bpy.props.StringProperty(
        name="Name", description="Name of the weights", options={"SKIP_SAVE", "HIDDEN"}
    )

    @classmethod
    def poll(cls, context):
        """Whether it can start; otherwise the button shows the reason."""
        why = cls.why_not()
        cls.poll_message_set(why)
        return not why


class SHARPDEPTH_OT_weights_get(_Named, bpy.types.Operator):
    """`bpy.ops.sharpdepth.weights_get(name=...)`."""

    bl_idname = "sharpdepth.weights_get"
    bl_label = "Get Weights"
    bl_description = (
        "Download these weights, after showing their size and license, and test them on a picture"
    )

    estimator: bpy.props.StringProperty(
        name="Metric Depth",
        description="Name of the metric depth model to get with a preset instead of its own",
        options={"SKIP_SAVE", "HIDDEN"},
    )

    @classmethod
    def why_not(cls):
        """Why it cannot begin now; empty when it can."""
        return _why_busy() or why_no_download()

    def invoke(self, context, event):
        """Show size, license and source, and ask."""
        return context.window_manager.invoke_props_dialog(
            self, width=WIDTH, confirm_text="Download"
        )

    def draw(self, context):
        """Draw the question."""
        for weights in missing_parts(self.name, self.estimator or None):
            draw_weights_consent(self.layout, weights)

    def execute(self, context):
        """Begin, or in background mode do it."""
        return queue.follow(self, WeightsTask(self.name, estimator=self.estimator or None))


class SHARPDEPTH_OT_weights_add(_Named, bpy.types.Operator):
    """`bpy.ops.sharpdepth.weights_add(name=..., filepath=...)`."""

    bl_idname = "sharpdepth.weights_add"
    bl_label = "Add Weights from Disk"
    bl_description = (
        "Copy these weights from a folder with their files or from the file that they are "
        "published as, and test them on a picture"
    )

    filepath: bpy.props.StringProperty(
        name="Path",
        description="Folder with the files of these weights, or the parts of their release; or the "
        "file itself that they are published as, under any name",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", "HIDDEN"},
    )

    @classmethod
    def why_not(cls):
        """Why it cannot begin now; empty when it can."""
        return _why_busy() or why_no_engine()

    def invoke(self, context, event):
        """Ask for a folder or a file."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context):
        """Begin, or in background mode do it."""
        return queue.follow(self, WeightsTask(self.name, bpy.path.abspath(self.filepath)))


class SHARPDEPTH_OT_weights_remove(_Named, bpy.types.Operator):
    """`bpy.ops.sharpdepth.weights_remove(name=...)`."""

    bl_idname = "sharpdepth.weights_remove"
    bl_label = "Remove Weights"
    bl_description = "Delete these weights from the library, including partial downloads"

    @classmethod
    def why_not(cls):
        """Why it cannot begin now; empty when it can."""
        return _why_busy()

    def invoke(self, context, event):
        """Ask."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context):
        """Remove them."""
        return queue.follow(self, RemovalTask(self.name))


class SHARPDEPTH_OT_weights_cancel(bpy.types.Operator):
    """`bpy.ops.sharpdepth.weights_cancel()`."""

    bl_idname = "sharpdepth.weights_cancel"
    bl_label = "Cancel"
    bl_description = "Stop this download or copy. A partial download is kept"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context):
        """Whether there is anything to stop."""
        return queue.is_busy("weights")

    def execute(self, context):
        """Stop it."""
        queue.latest("weights").cancel()
        return {"FINISHED"}


WEIGHTS_OPERATORS = (
    SHARPDEPTH_OT_weights_get,
    SHARPDEPTH_OT_weights_add,
    SHARPDEPTH_OT_weights_remove,
    SHARPDEPTH_OT_weights_cancel,
)
