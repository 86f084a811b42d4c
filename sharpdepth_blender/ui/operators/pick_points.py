"""Pick points: clicks on a result, for the tool that wants its points."""

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
# What each tool asks for, click by click.
_PROMPTS = {
    "SCALE": ("Click the first point on the result", "Click the second point on the result"),
    "FLOOR": (
        "Click a point of the floor",
        "Click a second point of the floor",
        "Click a third point of the floor, not on a line with the others",
    ),
}


class SHARPDEPTH_OT_pick_points(bpy.types.Operator):
    """The part of `sharpdepth.set_scale` and `sharpdepth.set_floor` that waits for clicks."""

    bl_idname = "sharpdepth.pick_points"
    bl_label = "Pick Points"
    bl_description = "Click points of the result"
    bl_options = {"INTERNAL"}

    tool: bpy.props.EnumProperty(
        items=[("SCALE", "Set Scale", ""), ("FLOOR", "Set Floor", "")],
        options={"SKIP_SAVE", "HIDDEN"},
    )

    @classmethod
    def poll(cls, context):
        """Whether there is a 3D viewport with a result to click."""
        try:
            seen = context.mode == "OBJECT" and measurable_result(context).visible_get()
        except ScaleError:
            return False
        return seen and context.area is not None and context.area.type == "VIEW_3D"

    def invoke(self, context, event):
        """Begin to wait."""
        self._points = []
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
            self._points.append(point)
            if len(self._points) == len(_PROMPTS[self.tool]):
                self._end(context)
                _hand_over(self.tool, self._points)
                return {"FINISHED"}
            self._tell(context)
        self._line.points = [*self._points, *([] if point is None or clicked else [point])]
        context.area.tag_redraw()
        return {"RUNNING_MODAL"}

    def cancel(self, context):
        """Clean up when Blender ends it, as on loading another file."""
        self._end(context)

    def _tell(self, context):
        prompt = pgettext_iface(_PROMPTS[self.tool][len(self._points)])
        text = f"{prompt}. {pgettext_iface(_HELP)}"
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


def _hand_over(tool, points):
    """Call the tool with its points."""
    if tool == "SCALE":
        first, second = points
        bpy.ops.sharpdepth.set_scale("INVOKE_DEFAULT", first=first, second=second)
    else:
        numbers = [number for point in points for number in point]
        bpy.ops.sharpdepth.set_floor("EXEC_DEFAULT", True, points=numbers)  # an undo step


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
