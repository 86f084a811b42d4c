"""File handler: pictures dropped on the viewport."""

import bpy

from ..scene.shot import ENGINE_ENDINGS


class SHARPDEPTH_FH_picture(bpy.types.FileHandler):
    """Adds *Generate Depth Mesh* to the choices that Blender offers for a dropped picture."""

    bl_idname = "SHARPDEPTH_FH_picture"
    bl_label = "Generate Depth Mesh"
    bl_import_operator = "sharpdepth.generate"
    bl_file_extensions = ";".join(sorted({*bpy.path.extensions_image, *ENGINE_ENDINGS}))

    @classmethod
    def poll_drop(cls, context):
        """Whether it was dropped on a 3D viewport."""
        return context.area is not None and context.area.type == "VIEW_3D"
