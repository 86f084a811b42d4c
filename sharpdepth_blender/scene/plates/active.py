"""Active image: what the user looks at or has selected."""

import bpy

from .errors import SourceError


def active_image(
    context: bpy.types.Context,
) -> tuple[bpy.types.Image, bpy.types.ImageUser | None]:
    """Find the image of the Image Editor, or else that of the active object.

    Args:
        context: Has the area and the active object.

    Returns:
        The image, and which of its frames is shown there, None where nothing says so.

    Raises:
        SourceError: There is none.
    """
    area = getattr(context, "area", None)
    if area is not None and area.type == "IMAGE_EDITOR":
        space = area.spaces.active
        if space.image is not None:
            return space.image, space.image_user
    obj = getattr(context, "active_object", None)
    if obj is not None:
        if obj.type == "EMPTY" and obj.data is not None and obj.empty_display_type == "IMAGE":
            return obj.data, obj.image_user
        node = _texture(obj.active_material)
        if node is not None and node.image is not None:
            return node.image, node.image_user
    raise SourceError(
        "There is no active image: open one in an Image Editor, or select an image empty or an "
        "object whose material shows one."
    )


def _texture(material: bpy.types.Material | None) -> bpy.types.ShaderNodeTexImage | None:
    if material is None or material.node_tree is None:
        return None
    nodes = material.node_tree.nodes
    for node in (nodes.active, *nodes):
        if isinstance(node, bpy.types.ShaderNodeTexImage) and node.image is not None:
            return node
    return None
