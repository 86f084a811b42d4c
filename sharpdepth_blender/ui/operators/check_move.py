"""Check move: which frames of the shot show holes, missing paint or stretched pictures."""

from contextlib import ExitStack
from pathlib import Path

import bpy
from bpy.app.translations import pgettext_iface, pgettext_rpt

from ...scene import SceneError
from ...scene.move import MoveCheck, keep_report, kept_lines, move_frames
from ...tasks.timer import redraw


class SHARPDEPTH_OT_check_move(bpy.types.Operator):
    """`bpy.ops.sharpdepth.check_move(start=1, end=24)`: the frames of the scene where none are set.

    From the panel it asks, and goes on frame by frame with the window alive; from a script it
    returns when all frames are checked.
    """

    bl_idname = "sharpdepth.check_move"
    bl_label = "Check Move"
    bl_description = (
        "Look through the shot camera at its frames and tell where holes, missing paint or "
        "stretched pictures are seen. ESC stops it"
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
        description="Check one frame in so many, and the last one",
        default=1,
        min=1,
    )
    stretch: bpy.props.FloatProperty(
        name="Stretch",
        description="Call a picture stretched where one of its pixels is drawn over more than so "
        "many of the frame in a direction",
        default=2.0,
        min=0.01,
        soft_min=1.0,
        soft_max=10.0,
    )
    folder: bpy.props.StringProperty(
        name="Pictures",
        description="Write a picture of each frame to this folder: holes magenta, missing paint "
        "blue, stretched pictures orange. Empty for none",
        subtype="DIR_PATH",
    )

    _asked = False

    @classmethod
    def poll(cls, context):
        """Whether there is a camera to look through."""
        scene = context.scene
        if scene.camera is None and not any(each.camera for each in scene.timeline_markers):
            cls.poll_message_set("The scene has no camera to check")
            return False
        return True

    def invoke(self, context, event):
        """Ask for the frames."""
        for name in ("start", "end"):
            if not self.properties.is_property_set(name):
                setattr(self, name, getattr(context.scene, f"frame_{name}"))
        self._asked = True
        return context.window_manager.invoke_props_dialog(self, width=320)

    def draw(self, context):
        """What is to be checked."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column(align=True)
        for name in ("start", "end", "step"):
            column.prop(self, name)
        layout.prop(self, "stretch")
        layout.prop(self, "folder")

    def execute(self, context):
        """Check all frames, or begin to."""
        self._stack = ExitStack()
        asked = {
            name: getattr(self, name) if self.properties.is_property_set(name) else None
            for name in ("start", "end")
        }
        folder = Path(bpy.path.abspath(self.folder)) if self.folder else None
        try:
            frames = move_frames(context.scene, **asked, step=self.step)
            check = MoveCheck(context.scene, frames, stretch=self.stretch, folder=folder)
            self._check = self._stack.enter_context(check)
            if self._asked and not bpy.app.background:
                return self._begin(context)
            while not check.over:
                check.step()
        except SceneError as error:
            return self._fail(context, error)
        return self._finish(context)

    def modal(self, context, event):
        """Check the next frame at each tick; whatever else happens waits, so that nothing moves."""
        if event.type == "ESC":
            self.cancel(context)
            self.report({"INFO"}, pgettext_rpt("Cancelled; no report was kept."))
            return {"CANCELLED"}
        if event.type != "TIMER":
            return {"RUNNING_MODAL"}
        try:
            self._check.step()
        except SceneError as error:
            return self._fail(context, error)
        if self._check.over:
            return self._finish(context)
        self._show(context)
        return {"RUNNING_MODAL"}

    def cancel(self, context):
        """Leave everything as it was."""
        self._stack.close()

    def _begin(self, context):
        manager, stack = context.window_manager, self._stack
        manager.progress_begin(0, 100)
        stack.callback(manager.progress_end)
        stack.callback(context.workspace.status_text_set, None)
        timer = manager.event_timer_add(0.01, window=context.window)
        stack.callback(manager.event_timer_remove, timer)
        manager.modal_handler_add(self)
        self._show(context)
        return {"RUNNING_MODAL"}

    def _show(self, context):
        context.window_manager.progress_update(100 * self._check.fraction)
        text = pgettext_iface("Check Move: frame {frame}, {share} done. ESC stops it").format(
            frame=self._check.next_frame, share=f"{self._check.fraction:.0%}"
        )
        context.workspace.status_text_set(text)

    def _finish(self, context):
        report, picture = self._check.report(), self._check.picture
        self.cancel(context)
        keep_report(report, picture)
        redraw()
        faulty = any(report.above(kind) for kind in ("missing", "stretched"))
        for line in kept_lines():
            self.report({"WARNING" if faulty else "INFO"}, line)
        return {"FINISHED"}

    def _fail(self, context, error):
        self.cancel(context)
        self.report({"ERROR"}, str(error))
        return {"CANCELLED"}
