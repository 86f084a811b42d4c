"""Material: a layer's picture with alpha, projected from the camera's place."""

import bpy

from ...geometry import Intrinsics
from ..material import LIT, PAINT, UNLIT, paint_material

_TEXTURE, _ACROSS, _UPWARDS = "SharpDepth Layer", "SharpDepth Across", "SharpDepth Upwards"


def layer_material(name: str, image: bpy.types.Image) -> bpy.types.Material:
    """Make a material that projects a picture from the object's own origin.

    The projection is computed at every shading point, so that a coarse surface does not bend the
    picture. Call `place_picture` to set the camera.

    Args:
        name: Name of the new datablock.
        image: Picture with alpha.

    Returns:
        Unlit material; `material.set_lit` switches it.
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
    # Dithered alpha needs no sorting of overlapping surfaces, which EEVEE would get wrong.
    material.surface_render_method = "DITHERED"
    return material


def place_picture(material: bpy.types.Material, intrinsics: Intrinsics) -> None:
    """Set the camera that the material's picture is projected from.

    A material from which the user has removed our nodes is left alone.
    """
    nodes = material.node_tree.nodes
    if _ACROSS not in nodes or _UPWARDS not in nodes:
        return
    # Object space is camera space: x / z is minus the slope to the right, y / z the slope down.
    across, upwards = nodes[_ACROSS].inputs, nodes[_UPWARDS].inputs
    across[1].default_value = -intrinsics.fx / intrinsics.width
    across[2].default_value = intrinsics.cx / intrinsics.width
    upwards[1].default_value = -intrinsics.fy / intrinsics.height
    upwards[2].default_value = 1 - intrinsics.cy / intrinsics.height
