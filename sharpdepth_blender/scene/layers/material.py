"""Material: a layer's picture with alpha, projected from the camera's place."""

import bpy

from ...geometry import Intrinsics
from ..material import LIT, PAINT, UNLIT, paint_material, source_of
from ..node_builder import Input, NodeTree
from ..node_groups import shared_shader_group
from ..picture import image_size

_TEXTURE, _ACROSS, _UPWARDS = "SharpDepth Layer", "SharpDepth Across", "SharpDepth Upwards"
# Name of the node whose picture lies over a layer's own.
CLEAN = "SharpDepth Clean Plate"
# Custom property of the node group that lays them over each other.
_GROUP = "sharpdepth_paint_over"


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
    _place(material, _ACROSS, _UPWARDS, intrinsics)


def picture_frame(material: bpy.types.Material | None) -> Intrinsics | None:
    """The camera that `place_picture` set, None where our nodes are gone."""
    if material is None or not _has_our_nodes(material):
        return None
    nodes = material.node_tree.nodes
    image = nodes[_TEXTURE].image
    if image is None or not all(image_size(image)):
        return None
    width, height = image_size(image)
    across, upwards = nodes[_ACROSS].inputs, nodes[_UPWARDS].inputs
    return Intrinsics(
        -across[1].default_value * width,
        -upwards[1].default_value * height,
        across[2].default_value * width,
        (1 - upwards[2].default_value) * height,
        width,
        height,
    )


def show_over(
    material: bpy.types.Material, name: str, image: bpy.types.Image, intrinsics: Intrinsics
) -> bool:
    """Show a picture with alpha over a layer's own, or change where it is projected from.

    Args:
        material: Of `layer_material`.
        name: Of the node that shows it.
        image: Picture, transparent where what is beneath it shows.
        intrinsics: Of that picture, which need not have the frame of the layer's.

    Returns:
        Whether the material still has the nodes that this takes.
    """
    if not _has_our_nodes(material):
        return False
    if name not in material.node_tree.nodes:
        _add_over(material, name)
    material.node_tree.nodes[name].image = image
    _place(material, f"{name} Across", f"{name} Upwards", intrinsics)
    return True


def texture_over(material: bpy.types.Material, name: str) -> bpy.types.ShaderNodeTexImage | None:
    """The node that shows a picture which `show_over` laid over a layer's own."""
    node = material.node_tree.nodes.get(name) if material.node_tree else None
    return node if isinstance(node, bpy.types.ShaderNodeTexImage) else None


def _has_our_nodes(material: bpy.types.Material) -> bool:
    if material.node_tree is None:
        return False
    return all(each in material.node_tree.nodes for each in (_TEXTURE, _ACROSS, _UPWARDS))


def is_over(node: bpy.types.Node) -> bool:
    """Whether a node mixes a picture of `show_over` with what is beneath it."""
    tree = node.node_tree if isinstance(node, bpy.types.ShaderNodeGroup) else None
    return tree is not None and _GROUP in tree.keys()


def _add_over(material: bpy.types.Material, name: str) -> None:
    """Put the nodes of a picture between what is beneath it and what takes that."""
    nodes, links = material.node_tree.nodes, material.node_tree.links
    beneath = nodes[_TEXTURE]
    x, y = nodes[_TEXTURE].location.x, nodes[_TEXTURE].location.y - 420
    texture = nodes.new("ShaderNodeTexImage")
    texture.extension = "CLIP"  # beyond its frame nothing is painted
    mix = nodes.new("ShaderNodeGroup")
    mix.node_tree = shared_shader_group("SharpDepth Paint Over", _GROUP, 1, _build_over)
    uv = nodes.new("ShaderNodeCombineXYZ")
    for axis, own, below in (("X", _ACROSS, 60), ("Y", _UPWARDS, -100)):
        place = nodes.new("ShaderNodeMath")
        place.operation = "MULTIPLY_ADD"
        place.name = place.label = f"{name} {'Across' if axis == 'X' else 'Upwards'}"
        place.location = (x - 400, y + below)
        slope = source_of(nodes[own].inputs[0])
        if slope is not None:
            links.new(slope, place.inputs[0])
        links.new(place.outputs[0], uv.inputs[axis])
    texture.name = texture.label = name
    mix.name, mix.label = f"{name} Mix", name
    for node, right in ((uv, -200), (texture, 0), (mix, 320)):
        node.location = (x + right, y)
    links.new(uv.outputs[0], texture.inputs["Vector"])
    for output in ("Color", "Alpha"):
        source = beneath.outputs[output]
        above = [link.to_socket for link in source.links or () if link.to_socket]
        links.new(source, mix.inputs[output])
        links.new(texture.outputs[output], mix.inputs[f"Paint {output}"])
        for target in above:
            links.new(mix.outputs[output], target)


def _build_over(tree: NodeTree) -> None:
    """Straight color and alpha over others: Porter and Duff's `over`."""
    beneath = tree.add_input(Input("Color", "Color", (0.0, 0.0, 0.0, 1.0)))
    covered = tree.add_input(Input("Alpha", "Float", 0.0, 0.0, 1.0, "FACTOR"))
    paint = tree.add_input(Input("Paint Color", "Color", (0.0, 0.0, 0.0, 1.0)))
    alpha = tree.add_input(Input("Paint Alpha", "Float", 0.0, 0.0, 1.0, "FACTOR"))
    whole = alpha + (1 - alpha) * covered
    share = alpha / whole  # 0 where nothing covers, as Blender divides
    node = tree.node("ShaderNodeMix", {"data_type": "RGBA", "clamp_factor": True})
    inputs = {each.identifier: each for each in node.inputs}
    for identifier, source in (
        ("Factor_Float", share), ("A_Color", beneath), ("B_Color", paint),
    ):  # fmt: skip
        tree.group.links.new(source.socket, inputs[identifier])
    tree.set_output("Color", "Color", tree.output(node))
    tree.set_output("Alpha", "Float", whole)


def _place(material: bpy.types.Material, across: str, upwards: str, intrinsics: Intrinsics) -> None:
    nodes = material.node_tree.nodes
    if across not in nodes or upwards not in nodes:
        return
    # Object space is camera space: x / z is minus the slope to the right, y / z the slope down.
    horizontal, vertical = nodes[across].inputs, nodes[upwards].inputs
    horizontal[1].default_value = -intrinsics.fx / intrinsics.width
    horizontal[2].default_value = intrinsics.cx / intrinsics.width
    vertical[1].default_value = -intrinsics.fy / intrinsics.height
    vertical[2].default_value = 1 - intrinsics.cy / intrinsics.height
