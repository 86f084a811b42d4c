"""Check move: which frames show holes, missing paint, invented pixels or stretched pictures."""

from contextlib import ExitStack
from pathlib import Path

import bpy
from bpy.app.translations import pgettext_iface, pgettext_rpt

from ...scene.camera_at import camera_at
from ...scene.move import propose_step
from ...tasks import queue
from ...tasks.check_move import MoveCheck


class SHARPDEPTH_OT_check_move(bpy.types.Operator):
    """`bpy.ops.sharpdepth.check_move(start=1, end=24)`: the frames of the scene where none are set.

    From the panel it asks, and goes on frame by frame with the window alive; from a script it
    returns when all frames are checked.
    """

    bl_idname = "sharpdepth.check_move"
    bl_label = "Check Move"
    bl_description = (
        "Look through the shot camera at each frame and report holes, missing paint, invented "
        "pixels of layers and stretched pictures. Esc stops it"
    )
    bl_options = {"UNDO"}

    start: bpy.props.IntProperty(
        name="Start",
        description="Check from this frame on",
        options={"SKIP_SAVE"},
    )
    end: bpy.props.IntProperty(
        name="End",
        description="Check up to this frame",
        options={"SKIP_SAVE"},
    )
    step: bpy.props.IntProperty(
        name="Step",
        description="Check every so many frames, and the last one. What frames between show is not "
        "known: check them all, with 1, before the shot is done",
        default=1,
        min=1,
    )
    # The step that the dialog proposed, so that another one is known to be the user's own.
    proposed: bpy.props.IntProperty(options={"HIDDEN"})
    stretch: bpy.props.FloatProperty(
        name="Stretch",
        description="Report a picture as stretched where one of its pixels covers more than this "
        "many pixels of the frame in a direction",
        default=2.0,
        min=0.01,
        soft_min=1.0,
        soft_max=10.0,
    )
    resolution: bpy.props.IntProperty(
        name="Resolution",
        description="Find invented pixels with as many pixels along the frame's longer side, at "
        "most. From the frame's own size on, the masks of where to paint are exact to a pixel",
        default=1920,
        min=480,
        soft_max=8192,
        subtype="PIXEL",
    )
    folder: bpy.props.StringProperty(
        name="Pictures",
        description="Write a picture of each frame to this folder: holes magenta, missing paint "
        "blue, invented pixels green, stretched pictures orange; and masks of where to paint, for "
        "each layer in its own picture. Empty for none",
        subtype="DIR_PATH",
        options={"OUTPUT_PATH", "PATH_SUPPORTS_BLEND_RELATIVE"},
    )

    _asked = False

    @classmethod
    def poll(cls, context):
        """Whether there is a camera to look through."""
        if camera_at(context.scene) is None:
            cls.poll_message_set("The scene has no camera to check")
            return False
        return True

    def invoke(self, context, event):
        """Ask for the frames."""
        for name in ("start", "end"):
            if not self.properties.is_property_set(name):
                setattr(self, name, getattr(context.scene, f"frame_{name}"))
        given, kept = (
            self.properties.is_property_set("step", ghost=ghost) for ghost in (True, False)
        )
        is_own = given or (kept and self.step != self.proposed)
        self.proposed = 0 if is_own else self.step
        self._propose()
        self._asked = True
        return context.window_manager.invoke_props_dialog(self, width=320)

    def check(self, context):
        """Propose another step for other frames."""
        return self._propose()

    def draw(self, context):
        """What is to be checked."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column(align=True)
        for name in ("start", "end", "step"):
            column.prop(self, name)
        layout.prop(self, "stretch")
        layout.prop(self, "resolution")
        layout.prop(self, "folder")

    def execute(self, context):
        """Check all frames, or begin to."""
        asked = {
            name: getattr(self, name)
            for name in ("start", "end")
            if self.properties.is_property_set(name)
        }
        folder = Path(bpy.path.abspath(self.folder)) if self.folder else None
        self._task = MoveCheck(
            context.scene,
            **asked,
            step=self.step,
            stretch=self.stretch,
            resolution=self.resolution,
            folder=folder,
        )
        if self._task.over or bpy.app.background or not self._asked:
            return queue.run_at_once(self, self._task)
        queue.start(self._task)
        return self._watch(context)

    def modal(self, context, event):
        """Wait for the end, and let everything else wait, so that nothing moves."""
        if self._task.over:
            self._stack.close()
            return {"CANCELLED"} if self._task.error else {"FINISHED"}
        if event.type == "ESC":
            self.cancel(context)
            self.report({"INFO"}, pgettext_rpt("Cancelled; no report was kept."))
            return {"CANCELLED"}
        if event.type == "TIMER":
            self._show(context)
        return {"RUNNING_MODAL"}

    def cancel(self, context):
        """Leave everything as it was."""
        self._stack.close()
        if not self._task.over:
            queue.cancel(self._task)

    def _propose(self):
        """Propose a step where the user has none; whether that changed it."""
        before = self.step
        if before == self.proposed:
            self.step = self.proposed = propose_step(self.start, self.end)
        return self.step != before

    def _watch(self, context):
        manager, self._stack = context.window_manager, ExitStack()
        manager.progress_begin(0, 100)
        self._stack.callback(manager.progress_end)
        self._stack.callback(context.workspace.status_text_set, None)
        timer = manager.event_timer_add(0.05, window=context.window)
        self._stack.callback(manager.event_timer_remove, timer)
        manager.modal_handler_add(self)
        self._show(context)
        return {"RUNNING_MODAL"}

    def _show(self, context):
        context.window_manager.progress_update(100 * self._task.fraction)
        text = pgettext_iface("Check Move: frame {frame}, {share} done. Esc stops it").format(
            frame=self._task.frame, share=f"{self._task.fraction:.0%}"
        )
        context.workspace.status_text_set(text)
