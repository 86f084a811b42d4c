"""Export: results, the meshes around them and their camera as files for other programs."""

import os
from pathlib import Path

import bpy
from bpy.app.translations import pgettext_rpt
from bpy_extras.io_utils import ExportHelper

from ...scene import SceneError
from ...scene.export import (
    camera_of,
    cameras_of,
    export_alembic,
    export_chan,
    export_depth,
    export_exr,
    export_gltf,
    export_ply,
    export_usd,
    meshes_of,
)
from ...scene.layers import is_layers
from ...tasks.generate import is_preview
from ...tasks.results import find_result


def _selected_meshes(context):
    return [obj for obj in meshes_of(context.selected_objects) if obj.type == "MESH"]


def _selected_layers(context):
    return meshes_of(obj for obj in context.selected_objects if is_layers(obj))


class _Export(ExportHelper):
    """What all of them share; `write` returns sentences about what the file lacks."""

    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context):
        """Whether there is a depth result."""
        result = find_result(context)
        if result is None:
            cls.poll_message_set("There is no depth result, or several: select one")
        elif is_preview(result):
            cls.poll_message_set("Wait until the depth is sharpened")
        return result is not None and not is_preview(result)

    def invoke(self, context, event):
        """Ask for a file; its name is the result's."""
        result = find_result(context)
        if result is not None and not self.filepath:
            folder = os.path.dirname(bpy.data.filepath)
            self.filepath = os.path.join(folder, bpy.path.clean_name(result.name))
        return super().invoke(context, event)

    def execute(self, context):
        """Write the file."""
        try:
            lost = self.write(context, Path(self.filepath))
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for what in lost:
            text = pgettext_rpt("The file lacks {what}").format(what=pgettext_rpt(what))
            self.report({"WARNING"}, text)
        self.report({"INFO"}, pgettext_rpt("Wrote {path}").format(path=self.filepath))
        return {"FINISHED"}


class _ExportObjects(_Export):
    """Of those that write several objects and their cameras."""

    use_selection: bpy.props.BoolProperty(
        name="Selected Meshes",
        description="Write all selected meshes, and not the depth result, or layers whose empty is "
        "selected, alone",
    )

    @classmethod
    def poll(cls, context):
        """Whether there is a depth result, or a mesh is selected."""
        if find_result(context) is None and not _selected_meshes(context):
            cls.poll_message_set("There is no depth result, and no mesh is selected")
            return False
        return True

    def objects(self, context):
        """Those to be written."""
        result = find_result(context)
        if self.use_selection or result is None:
            return _selected_meshes(context)
        return _selected_layers(context) or [result]

    def write(self, context, path):
        """All of them, with the cameras that belong to them."""
        objects = self.objects(context)
        if not objects:
            raise SceneError("No mesh is selected.")
        return self.export(path, context.scene, objects, cameras_of(context.scene, objects))


class SHARPDEPTH_OT_export_exr(bpy.types.Operator, _Export):
    """`bpy.ops.sharpdepth.export_exr(filepath=...)`."""

    bl_idname = "sharpdepth.export_exr"
    bl_label = "Depth (.exr)"
    bl_description = (
        "Write the depth that the result shows, the metric depth and their difference in metres, "
        "and the picture, as layers of a 32-bit float EXR"
    )

    filename_ext = ".exr"
    filter_glob: bpy.props.StringProperty(default="*.exr", options={"HIDDEN"})
    depth_only: bpy.props.BoolProperty(
        name="Depth Only",
        description="Write the depth alone, in the channels R, G and B, for programs that know no "
        "layers",
    )

    def write(self, context, path):
        """See `scene.export`."""
        result = find_result(context)
        return export_depth(path, result) if self.depth_only else export_exr(path, result)


class SHARPDEPTH_OT_export_ply(bpy.types.Operator, _Export):
    """`bpy.ops.sharpdepth.export_ply(filepath=...)`."""

    bl_idname = "sharpdepth.export_ply"
    bl_label = "Points or Mesh (.ply)"
    bl_description = (
        "Write the points or faces that the result shows as a binary PLY, with the picture's "
        "colours, in metres"
    )

    filename_ext = ".ply"
    filter_glob: bpy.props.StringProperty(default="*.ply", options={"HIDDEN"})

    def write(self, context, path):
        """See `scene.export`."""
        return export_ply(path, context.scene, find_result(context))


class SHARPDEPTH_OT_export_usd(bpy.types.Operator, _ExportObjects):
    """`bpy.ops.sharpdepth.export_usd(filepath=...)`."""

    bl_idname = "sharpdepth.export_usd"
    bl_label = "USD (.usd)"
    bl_description = (
        "Write the result and its camera as USD in metres, with the picture in the folder textures "
        "beside it, or inside of .usdz"
    )

    filename_ext = ".usdc"
    filter_glob: bpy.props.StringProperty(default="*.usd;*.usdc;*.usda;*.usdz", options={"HIDDEN"})
    export = staticmethod(export_usd)

    def check(self, context):
        """Let the file browser keep any ending of USD."""
        return not self.filepath.lower().endswith((".usd", ".usda", ".usdz")) and super().check(
            context
        )


class SHARPDEPTH_OT_export_alembic(bpy.types.Operator, _ExportObjects):
    """`bpy.ops.sharpdepth.export_alembic(filepath=...)`."""

    bl_idname = "sharpdepth.export_alembic"
    bl_label = "Alembic (.abc)"
    bl_description = "Write the result and its camera as Alembic in metres, with its UVs"

    filename_ext = ".abc"
    filter_glob: bpy.props.StringProperty(default="*.abc", options={"HIDDEN"})
    export = staticmethod(export_alembic)


class SHARPDEPTH_OT_export_gltf(bpy.types.Operator, _ExportObjects):
    """`bpy.ops.sharpdepth.export_gltf(filepath=...)`."""

    bl_idname = "sharpdepth.export_gltf"
    bl_label = "glTF (.glb)"
    bl_description = (
        "Write the result as it is now, its picture and its camera as one binary glTF in metres"
    )

    filename_ext = ".glb"
    filter_glob: bpy.props.StringProperty(default="*.glb", options={"HIDDEN"})
    export = staticmethod(export_gltf)


class SHARPDEPTH_OT_export_chan(bpy.types.Operator, _Export):
    """`bpy.ops.sharpdepth.export_chan(filepath=...)`."""

    bl_idname = "sharpdepth.export_chan"
    bl_label = "Nuke Camera (.chan)"
    bl_description = (
        "Write the path of the scene's camera over the scene's frames as a .chan file, in metres, "
        "y up"
    )

    filename_ext = ".chan"
    filter_glob: bpy.props.StringProperty(default="*.chan", options={"HIDDEN"})

    @classmethod
    def poll(cls, context):
        """Whether there is a camera."""
        if context.scene.camera is None:
            cls.poll_message_set("The scene has no camera")
            return False
        return True

    def write(self, context, path):
        """See `scene.export`."""
        return export_chan(path, context.scene, camera_of(context.scene, []))
