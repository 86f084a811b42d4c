"""Sub-panel for checking a camera move."""

from ...scene.move import are_masks_shown, has_masks, kept_lines
from ..wrapped_label import draw_wrapped


class MovePanel:
    """The check of a camera move and its report."""

    bl_label = "Camera Move"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """Draw the button and the last report."""
        self.layout.operator("sharpdepth.check_move", icon="OUTLINER_OB_CAMERA")
        for line in kept_lines():
            draw_wrapped(self.layout, context, line)
        if has_masks(context.scene):
            self.layout.operator(
                "sharpdepth.show_paint_here",
                icon="BRUSH_DATA",
                depress=are_masks_shown(context.scene),
            )
