"""Material: a layer's picture, projected from the camera's place, with its alpha."""

import bpy

from ...geometry import Intrinsics
from ..material import LIT, PAINT, UNLIT, paint_material

_TEXTURE, _ACROSS, _UPWARDS = "SharpDepth Layer", "SharpDepth Across", "SharpDepth Upwards"


def layer_material(name: str, image: bpy.types.Image) -> bpy.types.Material:
    """Make a material that shows a picture as it is seen from the object's own origin.

    Pixel by pixel, from the place of what is shaded, so that no coarse surface bends it.
    `place_picture` says where the picture lies.

    Args:
        name: Name of the new datablock.
        image: Picture with alpha.

    Returns:
        Material, unlit; `material.set_lit` switches it.
    """
    material = paint_material(name)
    nodes, links = material.node_tree.nodes, material.node_tree.links

    def add(kind: str, place: tuple[float, float], **settings: object) -> bpy.types.Node:
        node = nodes.new(kind)
        node.location = place
        for key, value in settings.items():
            setattr(node, key, value)
        return node

    here = add("ShaderNodeTexCoord", (-1100, 0))
    axes = add("ShaderNodeSeparateXYZ", (-900, 0))
    uv = add("ShaderNodeCombineXYZ", (-300, 0))
    texture = add(
        "ShaderNodeTexImage", (-100, 0),
        name=_TEXTURE, label=_TEXTURE, image=image, extension="EXTEND",
    )  # fmt: skip
    nodes.active = texture
    links.new(here.outputs["Object"], axes.inputs[0])
    for axis, name, y in (("X", _ACROSS, 100), ("Y", _UPWARDS, -100)):
        slope = add("ShaderNodeMath", (-700, y), operation="DIVIDE")
        place = add("ShaderNodeMath", (-500, y), operation="MULTIPLY_ADD", name=name, label=name)
        links.new(axes.outputs[axis], slope.inputs[0])
        links.new(axes.outputs["Z"], slope.inputs[1])
        links.new(slope.outputs[0], place.inputs[0])
        links.new(place.outputs[0], uv.inputs[axis])
    links.new(uv.outputs[0], texture.inputs["Vector"])
    links.new(texture.outputs["Color"], nodes[UNLIT].inputs["Color"])
    links.new(texture.outputs["Color"], nodes[LIT].inputs["Base Color"])
    links.new(texture.outputs["Alpha"], nodes[PAINT].inputs[0])
    # Alpha by dither needs no order of what lies behind each other, in which EEVEE would err.
    material.surface_render_method = "DITHERED"
    return material


def place_picture(material: bpy.types.Material, intrinsics: Intrinsics) -> None:
    """Say which camera sees the material's picture.

    A material from which the user took our nodes is left alone.
    """
    nodes = material.node_tree.nodes
    if _ACROSS not in nodes or _UPWARDS not in nodes:
        return
    # Object space is camera space: x / z is minus the slope to the right, y / z that downwards.
    across, upwards = nodes[_ACROSS].inputs, nodes[_UPWARDS].inputs
    across[1].default_value = -intrinsics.fx / intrinsics.width
    across[2].default_value = intrinsics.cx / intrinsics.width
    upwards[1].default_value = -intrinsics.fy / intrinsics.height
    upwards[2].default_value = 1 - intrinsics.cy / intrinsics.height
