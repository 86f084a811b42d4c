"""Overlay: where to paint, shown on the layers themselves."""

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from ...geometry.srgb import to_linear
from ..material import source_of
from ..node_builder import Input, ShaderTree
from ..node_groups import new_group
from .masks import mask_frame, mask_of
from .pictures import PAINT_HERE

_NODE = "SharpDepth Paint Here"
# Custom property of the group, by which it is known.
_MARK = "sharpdepth_paint_here_overlay"


def show_masks(scene: bpy.types.Scene, show: bool) -> None:
    """Show where to paint on the layers of a scene, or take that away without a trace.

    The masks are those of the last check, of layers that have one and are no other file's; in
    renders they show, too.

    Args:
        scene: Has the layers.
        show: Whether to show them, as they are now, or to hide them.
    """
    for image, material in _masked(scene):
        _hide(material)
        if show:
            _show(material, image)


def are_masks_shown(scene: bpy.types.Scene) -> bool:
    """Whether a layer of a scene shows where to paint."""
    return any(_node_of(material) is not None for _, material in _masked(scene))


def has_masks(scene: bpy.types.Scene) -> bool:
    """Whether a layer of a scene has a mask that can be shown."""
    return any(True for _ in _masked(scene))


@contextmanager
def hidden_masks(scene: bpy.types.Scene) -> Iterator[None]:
    """Hide the masks of a scene for as long as the block lasts."""
    shown = are_masks_shown(scene)
    if shown:
        show_masks(scene, False)
    try:
        yield
    finally:
        if shown:
            show_masks(scene, True)


def _masked(
    scene: bpy.types.Scene,
) -> Iterator[tuple[bpy.types.Image, bpy.types.Material]]:
    """The masks of layers, each with a material that shows the layer."""
    for obj in scene.objects:
        image = mask_of(obj)
        if obj.type != "MESH" or image is None:
            continue
        for material in obj.data.materials:
            if material is not None and material.library is None:
                yield image, material


def _show(material: bpy.types.Material, image: bpy.types.Image) -> None:
    """Lay a mask over what a material's surface shows."""
    tree = material.node_tree
    output = tree.get_output_node("ALL") if tree else None
    surface = source_of(output.inputs["Surface"]) if output else None
    if surface is None:
        return
    node = tree.nodes.new("ShaderNodeGroup")
    node.node_tree = _group(image)
    node.name = node.label = _NODE
    node.location = (output.location.x, output.location.y + 160)
    tree.links.new(surface, node.inputs[0])
    tree.links.new(node.outputs[0], output.inputs["Surface"])


def _hide(material: bpy.types.Material) -> None:
    node = _node_of(material)
    if node is None:
        return
    tree, group = material.node_tree, node.node_tree
    surface, output = source_of(node.inputs[0]), tree.get_output_node("ALL")
    tree.nodes.remove(node)
    if surface is not None and output is not None:
        tree.links.new(surface, output.inputs["Surface"])
    if group is not None and group.users == 0:
        bpy.data.node_groups.remove(group)


def _node_of(material: bpy.types.Material) -> bpy.types.ShaderNodeGroup | None:
    for node in material.node_tree.nodes if material.node_tree else ():
        if isinstance(node, bpy.types.ShaderNodeGroup) and node.node_tree:
            if _MARK in node.node_tree.keys():
                return node
    return None


def _group(image: bpy.types.Image) -> bpy.types.ShaderNodeTree:
    """Make a group that lays a mask over a shader, projected from the object's own origin."""
    group = new_group(image.name, bpy.types.ShaderNodeTree)
    group[_MARK] = True
    tree = ShaderTree(group)
    surface = tree.add_input(Input("Surface", "Shader"))
    here = tree.output(tree.node("ShaderNodeTexCoord"), "Object")
    axes = tree.node("ShaderNodeSeparateXYZ", Vector=here)
    x, y, z = (tree.output(axes, name) for name in "XYZ")
    lens = mask_frame(image)
    # Object space is camera space: x / z is minus the slope to the right, y / z the slope down.
    u = lens.cx / lens.width - x / z * (lens.fx / lens.width)
    v = (1 - lens.cy / lens.height) - y / z * (lens.fy / lens.height)
    settings = {"image": image, "interpolation": "Closest", "extension": "CLIP"}
    texture = tree.node("ShaderNodeTexImage", settings, Vector=tree.vector(u, v))
    red, green, blue = to_linear(np.array(PAINT_HERE, np.float32) / 255).tolist()
    shine = tree.node("ShaderNodeEmission", Color=(red, green, blue, 1.0))
    mixed = tree.node("ShaderNodeMixShader", Fac=tree.output(texture, "Color"))
    group.links.new(surface.socket, mixed.inputs[1])
    group.links.new(shine.outputs[0], mixed.inputs[2])
    tree.set_output("Surface", "Shader", tree.output(mixed))
    tree.arrange()
    return group
