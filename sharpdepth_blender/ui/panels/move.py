"""Sub-panel for checking a camera move."""

from bpy.app.translations import pgettext_iface

from ...scene.move import are_masks_shown, has_masks, kept_lines
from ...tasks import move_watch
from ..wrapped_label import draw_wrapped


class MovePanel:
    """The check of a camera move and its report."""

    bl_label = "Camera Move"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """Draw the button and the last report."""
        self.layout.operator("sharpdepth.check_move", icon="OUTLINER_OB_CAMERA")
        lines = kept_lines()
        if lines and (names := move_watch.changed()):
            text = pgettext_iface("Checked before a change of: {names}. Check again.")
            names = ", ".join(pgettext_iface(each) for each in names)
            draw_wrapped(self.layout, context, text.format(names=names), "ERROR")
        for line in lines:
            draw_wrapped(self.layout, context, line)
        if has_masks(context.scene):
            self.layout.operator(
                "sharpdepth.show_paint_here",
                icon="BRUSH_DATA",
                depress=are_masks_shown(context.scene),
            )
