"""Drop: a picture that is dropped on the viewport."""

import bpy

_EXTENSIONS = (
    ".png", ".jpg", ".jpeg", ".jp2", ".tif", ".tiff", ".webp", ".bmp", ".tga", ".exr", ".hdr",
    ".dpx", ".cin", ".psd",
)  # fmt: skip


class SHARPDEPTH_FH_picture(bpy.types.FileHandler):
    """Offers *Generate Depth Mesh* for a picture."""

    bl_idname = "SHARPDEPTH_FH_picture"
    bl_label = "Generate Depth Mesh"
    bl_import_operator = "sharpdepth.generate"
    bl_file_extensions = ";".join(_EXTENSIONS)

    @classmethod
    def poll_drop(cls, context):
        """Whether it was dropped on a 3D viewport."""
        return context.area is not None and context.area.type == "VIEW_3D"
