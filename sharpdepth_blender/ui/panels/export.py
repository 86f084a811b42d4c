"""Sub-panel for baking and export."""

from ...scene import target_result
from ...scene.export import FORMATS
from ...scene.live import find_modifier


class ExportPanel:
    """Bake to a plain mesh, and export files for other programs."""

    bl_label = "Export"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """Draw the buttons."""
        layout = self.layout
        result = target_result(context)
        if result is not None and find_modifier(result) is not None:
            layout.operator("sharpdepth.bake", icon="MESH_DATA")
        column = layout.column(align=True)
        for each in FORMATS:
            if each.operator:
                column.operator(f"sharpdepth.export_{each.operator}", icon=each.icon)
