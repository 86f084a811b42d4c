"""Save depth: a result's depth map as a file."""

from pathlib import Path

import bpy
from bpy.app.translations import pgettext_rpt
from bpy_extras.io_utils import ExportHelper

from ...scene import SceneError, write_depth_exr
from ...scene.bake import shown_depth
from ...scene.live import find_modifier
from ..results import find_result


class SHARPDEPTH_OT_save_depth(bpy.types.Operator, ExportHelper):
    """`bpy.ops.sharpdepth.save_depth(filepath=...)`."""

    bl_idname = "sharpdepth.save_depth"
    bl_label = "Save Depth Map"
    bl_description = "Write the depth that the live result shows, in metres, as a 32-bit float EXR"
    bl_options = {"REGISTER"}

    filename_ext = ".exr"
    filter_glob: bpy.props.StringProperty(default="*.exr", options={"HIDDEN"})

    @classmethod
    def poll(cls, context):
        """Whether there is a live result."""
        result = find_result(context)
        if result is None or find_modifier(result) is None:
            cls.poll_message_set("There is no live depth result")
            return False
        return True

    def execute(self, context):
        """Write the file."""
        result = find_result(context)
        try:
            write_depth_exr(Path(self.filepath), shown_depth(result))
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, pgettext_rpt("Wrote {path}").format(path=self.filepath))
        return {"FINISHED"}
