"""Points: a Geometry Nodes modifier that makes colored vertices a point cloud that renders."""

import bpy

from .modifier import set_input

# Marks our own node group, whatever it is called by now.
_MARK = "sharpdepth_points"


def add_point_modifier(
    obj: bpy.types.Object, material: bpy.types.Material | None, focal: float, radius: float
) -> bpy.types.NodesModifier:
    """Show an object's vertices as spheres.

    The spheres grow with depth, so that from the camera the cloud is equally dense everywhere. The
    modifier's inputs are *Point Radius* and *Focal Length*, both in samples of the picture, and
    *Material*.

    Args:
        obj: Mesh object whose vertices are in camera space.
        material: Material of the points.
        focal: Focal length in samples of the picture.
        radius: Of a point, in samples as the camera sees them.

    Returns:
        The new modifier.
    """
    modifier = obj.modifiers.new("Points", "NODES")
    modifier.node_group = _point_group()
    set_input(modifier, "Focal Length", focal)
    set_input(modifier, "Point Radius", radius)
    set_input(modifier, "Material", material)
    return modifier


def _point_group() -> bpy.types.NodeTree:
    """The node group that all our point clouds of this file share."""
    for group in bpy.data.node_groups:
        if group.get(_MARK) and group.library is None:
            return group
    group = bpy.data.node_groups.new("SharpDepth Points", "GeometryNodeTree")
    group[_MARK] = True
    group.is_modifier = True
    _build(group)
    return group


def _build(group: bpy.types.NodeTree) -> None:
    """Radius = depth * Point Radius / Focal Length, depth along the camera's -z."""
    interface, nodes, links = group.interface, group.nodes, group.links
    interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    for name, default, description in (
        ("Point Radius", 1.0, "Set the radius of a point, in samples as the camera sees them"),
        ("Focal Length", 1000.0, "Set the focal length of the picture, in samples"),
    ):
        socket = interface.new_socket(name, in_out="INPUT", socket_type="NodeSocketFloat")
        socket.default_value, socket.min_value, socket.description = default, 0.0, description
    interface.new_socket("Material", in_out="INPUT", socket_type="NodeSocketMaterial")

    def add(kind: str, x: float, y: float = 0, **settings: object) -> bpy.types.Node:
        node = nodes.new(kind)
        node.location = (x, y)
        for key, value in settings.items():
            setattr(node, key, value)
        return node

    inputs, output = add("NodeGroupInput", -800), add("NodeGroupOutput", 400)
    position = add("GeometryNodeInputPosition", -800, -250)
    axes = add("ShaderNodeSeparateXYZ", -600, -250)
    angle = add("ShaderNodeMath", -600, operation="DIVIDE")
    radius = add("ShaderNodeMath", -400, -100, operation="MULTIPLY")
    size = add("ShaderNodeMath", -200, -100, operation="ABSOLUTE")
    points = add("GeometryNodeMeshToPoints", 0)
    paint = add("GeometryNodeSetMaterial", 200)

    links.new(position.outputs["Position"], axes.inputs["Vector"])
    links.new(inputs.outputs["Point Radius"], _operand(angle, "Value"))
    links.new(inputs.outputs["Focal Length"], _operand(angle, "Value_001"))
    links.new(angle.outputs["Value"], _operand(radius, "Value"))
    links.new(axes.outputs["Z"], _operand(radius, "Value_001"))
    links.new(radius.outputs["Value"], _operand(size, "Value"))
    links.new(inputs.outputs["Geometry"], points.inputs["Mesh"])
    links.new(size.outputs["Value"], points.inputs["Radius"])
    links.new(points.outputs["Points"], paint.inputs["Geometry"])
    links.new(inputs.outputs["Material"], paint.inputs["Material"])
    links.new(paint.outputs["Geometry"], output.inputs["Geometry"])


def _operand(node: bpy.types.Node, identifier: str) -> bpy.types.NodeSocket:
    """A Math node's input; these share one name and differ by identifier alone."""
    return next(socket for socket in node.inputs if socket.identifier == identifier)
