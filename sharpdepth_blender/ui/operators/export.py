"""Export: results, other meshes and cameras as files for other programs."""

import os
from pathlib import Path
from typing import ClassVar

import bpy
from bpy.app.translations import pgettext_rpt
from bpy_extras.io_utils import ExportHelper

from ...files import printable
from ...scene import SceneError, target_result
from ...scene.camera_at import camera_at
from ...scene.export import DEPTH, FORMATS, Format, meshes_of
from ...scene.layers import is_layers
from .target import has_target


def _selected_meshes(context):
    return [obj for obj in meshes_of(context.selected_objects) if obj.type == "MESH"]


def _selected_layers(context):
    return meshes_of(obj for obj in context.selected_objects if is_layers(obj))


class _Export(ExportHelper):
    """Base of the export operators: writes `objects` in `format`."""

    bl_options = {"REGISTER"}

    format: ClassVar[Format]

    def invoke(self, context, event):
        """Ask for a file; its name is the result's."""
        result = target_result(context)
        if result is not None and not self.filepath:
            folder = os.path.dirname(bpy.data.filepath)
            name = bpy.path.clean_name(result.name) + "_package" * self.format.is_folder
            self.filepath = os.path.join(folder, name)
        return super().invoke(context, event)

    def execute(self, context):
        """Write the file."""
        scene = context.scene
        try:
            objects = self.objects(context)
            chosen = self.chosen_format()
            lost = chosen.export(Path(self.filepath), scene, objects, faces=self.most_faces())
        except SceneError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for what in lost:
            text = pgettext_rpt("Not exported: {what}").format(what=pgettext_rpt(what))
            self.report({"WARNING"}, text)
        self.report({"INFO"}, pgettext_rpt("Wrote {path}").format(path=printable(self.filepath)))
        return {"FINISHED"}

    def check(self, context):
        """Let the file browser keep any extension of the format."""
        return not self.filepath.lower().endswith(self.format.suffixes) and super().check(context)

    def chosen_format(self):
        """Return the format to write."""
        return self.format

    def most_faces(self):
        """Return how many triangles a surface may have; None for no limit of the user's."""
        return getattr(self, "faces", 0) or None


class _ExportResult(_Export):
    """Base of operators that write one depth result."""

    @classmethod
    def poll(cls, context):
        """Whether there is a depth result."""
        return has_target(cls, context)

    def objects(self, context):
        """The result."""
        return [target_result(context)]


class _ExportObjects(_Export):
    """Base of operators that write several objects and their cameras."""

    use_selection: bpy.props.BoolProperty(
        name="Selected Meshes",
        description="Export all selected meshes instead of only the depth result or the layers of "
        "the selected empty",
    )

    @classmethod
    def poll(cls, context):
        """Whether there is a depth result, or a mesh is selected."""
        if target_result(context) is None and not _selected_meshes(context):
            cls.poll_message_set("There is no depth result, and no mesh is selected")
            return False
        return True

    def objects(self, context):
        """Those to be written."""
        result = target_result(context)
        if not self.use_selection and result is not None:
            return _selected_layers(context) or [result]
        objects = _selected_meshes(context)
        if not objects:
            raise SceneError("No mesh is selected.")
        return objects


class _ExportDepth(_ExportResult):
    """Base of the EXR operator, with optional layers."""

    depth_only: bpy.props.BoolProperty(
        name="Depth Only",
        description="Export only the depth, in the channels R, G and B, for programs that do not "
        "support layers",
    )

    def chosen_format(self):
        """With or without layers."""
        return DEPTH if self.depth_only else self.format


class _ExportCamera(_Export):
    """Base of operators that write the camera that renders."""

    @classmethod
    def poll(cls, context):
        """Whether there is a camera."""
        if camera_at(context.scene) is None:
            cls.poll_message_set("The scene has no camera")
            return False
        return True

    def objects(self, context):
        """None: it is the scene's camera."""
        return []


def _operator(each: Format) -> type:
    """Create the operator `bpy.ops.sharpdepth.export_NAME(filepath=...)` for a format."""
    kind = {"RESULT": _ExportResult, "OBJECTS": _ExportObjects, "CAMERA": _ExportCamera}[each.takes]
    if each.operator == "exr":
        kind = _ExportDepth
    pattern = ";".join(f"*{suffix}" for suffix in each.suffixes)
    properties = {"filter_glob": bpy.props.StringProperty(default=pattern, options={"HIDDEN"})}
    if each.reduces:
        properties["faces"] = bpy.props.IntProperty(
            name="Most Faces",
            description="Give each surface of a result or layer so many triangles at most, and "
            "tell how many pixels they are off; 0 for no limit",
            min=0,
            max=100_000_000,
        )
    return type(
        f"SHARPDEPTH_OT_export_{each.operator}",
        (bpy.types.Operator, kind),
        {
            "bl_idname": f"sharpdepth.export_{each.operator}",
            "bl_label": each.label,
            "bl_description": each.description,
            "filename_ext": each.suffixes[0],
            "format": each,
            "__annotations__": properties,
        },
    )


EXPORTS = [_operator(each) for each in FORMATS if each.operator]
