"""Active image: what the user looks at or has selected."""

from .errors import SourceError


def active_image(context):
    """Find the image of the Image Editor, or else that of the active object.

    Args:
        context: bpy context.

    Returns:
        (image, image_user); image_user is None where nothing says which frame is shown.

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
        if node is not None:
            return node.image, node.image_user
    raise SourceError(
        "There is no active image: open one in an Image Editor, or select an image empty or an "
        "object whose material shows one."
    )


def _texture(material):
    if material is None or material.node_tree is None:
        return None
    nodes = material.node_tree.nodes
    for node in (nodes.active, *nodes):
        if node is not None and node.type == "TEX_IMAGE" and node.image is not None:
            return node
    return None
