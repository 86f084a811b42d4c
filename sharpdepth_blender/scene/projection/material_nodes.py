"""Material nodes: the stack of projections in one material.

Each projection is a group node that takes the color and coverage beneath it, and adds its own
picture on top. So a user can mute or mask it, or change the order by hand.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeGuard

import bpy

from ..material import LIT, PAINT, UNLIT, color_input, copied, paint_material, source_of

# Custom property of a projection's node group, and its value.
MARK, VERSION = "sharpdepth_projection", 1


def is_projection(group: bpy.types.NodeTree | None) -> TypeGuard[bpy.types.NodeTree]:
    """Whether a node group is a projection."""
    return group is not None and group.get(MARK) == VERSION


def stacked(material: bpy.types.Material | None) -> list[bpy.types.ShaderNodeGroup]:
    """The projection nodes of a material, the lowest first; other nodes between are followed."""
    found: list[bpy.types.ShaderNodeGroup] = []
    socket = _covering(material)
    while socket and (source := source_of(socket)):
        node = source.node
        if isinstance(node, bpy.types.ShaderNodeGroup) and is_projection(node.node_tree):
            found.insert(0, node)
            socket = node.inputs["Alpha"]
        else:
            socket = next((each for each in node.inputs if each.is_linked), None)
    return found


def is_painted(material: bpy.types.Material | None) -> TypeGuard[bpy.types.Material]:
    """Whether a material is one of ours, for projections."""
    return _covering(material) is not None


def put_on_top(
    material: bpy.types.Material,
    projection: bpy.types.NodeTree,
    settings: Mapping[str, object],
    attribute: str | None,
) -> None:
    """Add a projection on top of the others.

    Args:
        material: Material of ours.
        projection: Node group.
        settings: Values of the group's inputs by name.
        attribute: Color attribute that masks it; None for no mask.
    """
    nodes = material.node_tree.nodes
    node = nodes.new("ShaderNodeGroup")
    node.node_tree = projection
    node.label = projection.name
    node.width = 220
    for name, value in settings.items():
        node.inputs[name].default_value = value
    if attribute is not None:
        mask = nodes.new("ShaderNodeAttribute")
        mask.attribute_name = attribute
        mask.label = attribute
        material.node_tree.links.new(mask.outputs["Color"], node.inputs["Mask"])
        mask.location = (len(stacked(material)) * 260 - 600, -360)
    node.location = (len(stacked(material)) * 260 - 340, 0)
    put_in(material, node, len(stacked(material)))


def take_out(material: bpy.types.Material, node: bpy.types.Node) -> None:
    """Unlink a node from the stack, joining the nodes beneath and above it."""
    for name in ("Color", "Alpha"):
        beneath = source_of(node.inputs[name])
        for above in _targets(node.outputs[name]):
            _connect(material, beneath, above)
        _connect(material, None, node.inputs[name])


def put_in(material: bpy.types.Material, node: bpy.types.Node, index: int) -> None:
    """Link a node into the stack at an index, 0 the lowest."""
    rest = stacked(material)
    for name in ("Color", "Alpha"):
        if index < len(rest):
            aboves = [rest[index].inputs[name]]
        else:
            paint = material.node_tree.nodes[PAINT]
            aboves = _tops(material) if name == "Color" else [paint.inputs[0]]
        _connect(material, source_of(aboves[0]), node.inputs[name])
        for above in aboves:
            _connect(material, node.outputs[name], above)


def delete_node(material: bpy.types.Material, node: bpy.types.Node) -> None:
    """Remove a node, and its mask's attribute node if nothing else uses that."""
    nodes = material.node_tree.nodes
    source = source_of(node.inputs["Mask"])
    mask = source and source.node
    if isinstance(mask, bpy.types.ShaderNodeAttribute):
        if len([target for each in mask.outputs for target in _targets(each)]) == 1:
            nodes.remove(mask)
    nodes.remove(node)


def _targets(socket: bpy.types.NodeSocket) -> list[bpy.types.NodeSocket]:
    return [link.to_socket for link in socket.links or () if link.to_socket]


def _connect(
    material: bpy.types.Material, source: bpy.types.NodeSocket | None, target: bpy.types.NodeSocket
) -> None:
    if source is not None:
        material.node_tree.links.new(source, target)
    elif target.is_linked:
        material.node_tree.links.remove(target.links[0])  # type: ignore[index]  # is_linked


def _tops(material: bpy.types.Material) -> list[bpy.types.NodeSocket]:
    """The sockets that take the color of the whole stack: of the unlit and the lit shader."""
    nodes = material.node_tree.nodes
    return [color_input(nodes[name]) for name in (UNLIT, LIT) if name in nodes]


def _covering(material: bpy.types.Material | None) -> bpy.types.NodeSocket | None:
    """The socket that takes the coverage of the whole stack; None if the material is not ours."""
    if material is None or material.node_tree is None:
        return None
    node = material.node_tree.nodes.get(PAINT)
    return None if node is None else node.inputs[0]


def bare(
    material: bpy.types.Material | None, output: str, image: bpy.types.Image
) -> bpy.types.Material:
    """Make a material that emits one output of a stack, with an active image to bake to.

    Args:
        material: Material of ours; any other one emits nothing.
        output: `Color` or `Alpha`.
        image: Image to bake to.

    Returns:
        A new material.
    """
    if is_painted(material):
        made = copied(material)
        paint = made.node_tree.nodes[PAINT]
        source = source_of(_tops(made)[0] if output == "Color" else paint.inputs[0])
        target = made.node_tree.get_output_node("ALL").inputs["Surface"]
    else:
        made = paint_material("bare")
        source, target = None, made.node_tree.get_output_node("ALL").inputs["Surface"]
    nodes = made.node_tree.nodes
    glow = nodes.new("ShaderNodeEmission")
    glow.inputs[0].default_value = (0, 0, 0, 1)
    _connect(made, source, glow.inputs[0])
    _connect(made, glow.outputs[0], target)
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image
    nodes.active = texture
    return made


@contextmanager
def uncovered() -> Iterator[None]:
    """Show painted objects in their former materials, or opaque if these are not kept."""
    painted = [each for each in bpy.data.materials if each.library is None and is_painted(each)]
    ends: dict[bpy.types.Material, list[bpy.types.NodeSocket]] = {}
    try:
        for material in painted:
            paint = material.node_tree.nodes[PAINT]
            ends[material] = _targets(paint.outputs[0])
            base = source_of(paint.inputs[1])
            if base is None or base.node.type == "BSDF_TRANSPARENT":
                base = source_of(paint.inputs[2])  # the paint's own shader is opaque
            for end in ends[material] if base else ():
                _connect(material, base, end)
        yield
    finally:
        for material, sockets in ends.items():
            for end in sockets:
                _connect(material, material.node_tree.nodes[PAINT].outputs[0], end)
