"""Sub-panel for camera projections."""

from ...scene.projection import projection_nodes, projections_of
from ..picture_settings import draw_picture_settings

# Inputs of the nodes, with their labels.
_SETTINGS = {
    "Mask": "Mask",
    "Facing Fade": "Angle Fade",
    "Edge Fade": "Edge Fade",
    "Tolerance": "Tolerance",
}


class ProjectionPanel:
    """Setup button, and the projections on the active object, topmost first."""

    bl_label = "Projection"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """Draw everything."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.operator("sharpdepth.set_up_projection", icon="MOD_UVPROJECT")
        obj = context.active_object
        found = projections_of(obj) if obj is not None and obj.type == "MESH" else []
        for projection in reversed(found):
            _draw_projection(layout.box(), obj, projection)
        if found:
            draw_picture_settings(layout, context, obj)
            column = layout.column()
            column.operator("sharpdepth.update_projection", icon="FILE_REFRESH")
            column.operator("sharpdepth.bake_projection", icon="RENDER_STILL")


def _draw_projection(box, obj, projection):
    node = projection_nodes(obj, projection)[0]
    row = box.row(align=True)
    icon = "HIDE_ON" if node.mute else "HIDE_OFF"
    row.prop(node, "mute", text="", icon=icon, emboss=False, invert_checkbox=True)
    row.label(text=projection.name, translate=False)
    for name, icon in (("up", "TRIA_UP"), ("down", "TRIA_DOWN")):
        move = row.operator("sharpdepth.move_projection", text="", icon=icon)
        move.name, move.up = projection.name, name == "up"
    row.operator("sharpdepth.remove_projection", text="", icon="X").name = projection.name
    column = box.column(align=True)
    column.active = not node.mute
    for name, label in _SETTINGS.items():
        if not node.inputs[name].is_linked:
            column.prop(node.inputs[name], "default_value", text=label)
