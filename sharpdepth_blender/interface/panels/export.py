"""The sub-panel of what leaves the live result."""

from ...scene.live import find_modifier
from ..results import find_result


class ExportPanel:
    """A plain mesh, a depth map."""

    bl_label = "Export"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context):
        """Whether there is a live result."""
        result = find_result(context)
        return result is not None and find_modifier(result) is not None

    def draw(self, context):
        """The ways out."""
        column = self.layout.column()
        column.operator("sharpdepth.bake", icon="MESH_DATA")
        column.operator("sharpdepth.save_depth", icon="FILE_IMAGE")
