"""Pick points: two clicks on a result, then the dialog for their distance."""

import bpy
from bpy.app.translations import pgettext_iface

from ...scene.measured import measurable_result
from ...scene.picking import point_under
from ...scene.scale import ScaleError
from .measuring_line import MeasuringLine

# Events for view navigation, which are passed through.
_NAVIGATION = (
    "MIDDLEMOUSE", "WHEEL", "TRACKPAD", "MOUSEROTATE", "MOUSESMARTZOOM", "NDOF_", "NUMPAD_", "HOME",
)  # fmt: skip
_HELP = "Middle mouse or wheel: navigate. Esc or right click: cancel"
_FIRST = f"Click the first point on the result. {_HELP}"
_SECOND = f"Click the second point on the result. {_HELP}"


class SHARPDEPTH_OT_pick_points(bpy.types.Operator):
    """The modal part of `sharpdepth.set_scale` that waits for clicks."""

    bl_idname = "sharpdepth.pick_points"
    bl_label = "Pick Two Points"
    bl_description = "Click two points on the result and enter the real distance between them"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context):
        """Whether there is a 3D viewport with a result to click."""
        try:
            seen = context.mode == "OBJECT" and measurable_result(context).visible_get()
        except ScaleError:
            return False
        return seen and context.area is not None and context.area.type == "VIEW_3D"

    def invoke(self, context, event):
        """Start waiting for clicks."""
        self._first = None
        self._line = MeasuringLine()
        context.window.cursor_modal_set("CROSSHAIR")
        self._tell(context)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        """Handle clicks and pass view navigation through."""
        if context.area is None:  # it has been closed
            return self._end(context)
        if event.type in ("ESC", "RIGHTMOUSE"):
            return self._end(context)
        turning = event.alt and context.preferences.inputs.use_mouse_emulate_3_button
        if event.type.startswith(_NAVIGATION) or (event.type == "LEFTMOUSE" and turning):
            context.area.tag_redraw()
            return {"PASS_THROUGH"}
        clicked = event.type == "LEFTMOUSE" and event.value == "PRESS"
        if not (clicked or event.type == "MOUSEMOVE"):
            return {"RUNNING_MODAL"}
        try:
            point = _point_at(context, event)
        except ScaleError as error:  # the result has been removed
            self.report({"ERROR"}, str(error))
            return self._end(context)
        if clicked and point is not None:
            if self._first is not None:
                self._end(context)
                bpy.ops.sharpdepth.set_scale("INVOKE_DEFAULT", first=self._first, second=point)
                return {"FINISHED"}
            self._first = point
            self._tell(context)
        self._line.points = [each for each in (self._first, point) if each is not None]
        context.area.tag_redraw()
        return {"RUNNING_MODAL"}

    def cancel(self, context):
        """Clean up when Blender ends it, as on loading another file."""
        self._end(context)

    def _tell(self, context):
        text = pgettext_iface(_FIRST if self._first is None else _SECOND)
        context.area.header_text_set(text)
        context.workspace.status_text_set(text)

    def _end(self, context):
        self._line.remove()
        context.window.cursor_modal_restore()
        context.workspace.status_text_set(None)
        if context.area:
            context.area.header_text_set(None)
            context.area.tag_redraw()
        return {"CANCELLED"}


def _point_at(context, event):
    """Return the world position on the result under the mouse; None over anything else."""
    result = measurable_result(context)
    inside = [
        region
        for region in context.area.regions
        if 0 <= event.mouse_x - region.x < region.width
        and 0 <= event.mouse_y - region.y < region.height
    ]
    # A sidebar or a toolbar may cover the view.
    if [region.type for region in inside] != ["WINDOW"] or not result.visible_get():
        return None
    (region,) = inside
    mouse = event.mouse_x - region.x, event.mouse_y - region.y
    depsgraph = context.evaluated_depsgraph_get()
    return point_under(depsgraph, result, region, region.data, mouse)
