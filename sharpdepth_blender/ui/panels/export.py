"""The sub-panel of what leaves the scene."""

from ...scene.live import find_modifier
from ...tasks.results import find_result

_WAYS = (
    ("exr", "FILE_IMAGE"),
    ("ply", "POINTCLOUD_DATA"),
    ("usd", "MESH_DATA"),
    ("alembic", "MESH_DATA"),
    ("gltf", "MESH_DATA"),
    ("chan", "CAMERA_DATA"),
)


class ExportPanel:
    """A plain mesh, and files for other programs."""

    bl_label = "Export"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """The ways out."""
        layout = self.layout
        result = find_result(context)
        if result is not None and find_modifier(result) is not None:
            layout.operator("sharpdepth.bake", icon="MESH_DATA")
        column = layout.column(align=True)
        for name, icon in _WAYS:
            column.operator(f"sharpdepth.export_{name}", icon=icon)
