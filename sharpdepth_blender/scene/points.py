"""Points: a Geometry Nodes modifier that turns colored vertices into renderable points."""

import bpy

from .modifier import add_nodes_modifier, set_input
from .node_builder import Input, NodeTree
from .node_groups import shared_group

# Custom property of our node group.
_MARK = "sharpdepth_points"

_INPUTS = [
    Input("Geometry", "Geometry"),
    Input("Point Radius", "Float", 1.0, 0.0,
          description="Set the radius of a point, in samples as the camera sees them"),
    Input("Focal Length", "Float", 1000.0, 0.0,
          description="Set the focal length of the picture, in samples"),
    Input("Material", "Material"),
]  # fmt: skip


def add_point_modifier(
    obj: bpy.types.Object,
    material: bpy.types.Material | None,
    focal: float,
    radius: float,
    is_panorama: bool = False,
) -> bpy.types.NodesModifier:
    """Show an object's vertices as spheres.

    Their radius grows with depth, so that the cloud looks equally dense everywhere from the camera.
    The modifier's inputs are *Point Radius* and *Focal Length*, both in samples of the picture, and
    *Material*.

    Args:
        obj: Mesh object with vertices in camera space.
        material: Material of the points.
        focal: Focal length in samples of the picture.
        radius: Radius of a point in samples, as seen by the camera.
        is_panorama: Whether it grows with the distance from the camera instead.

    Returns:
        The new modifier.
    """
    if is_panorama:
        group = shared_group("SharpDepth Panorama Points", _MARK, "panorama", _build_around)
    else:
        group = shared_group("SharpDepth Points", _MARK, True, _build)
    group.is_modifier = True
    modifier = add_nodes_modifier(obj, "Points", group)
    set_input(modifier, "Focal Length", focal)
    set_input(modifier, "Point Radius", radius)
    set_input(modifier, "Material", material)
    return modifier


def _build_around(tree: NodeTree) -> None:
    _build(tree, is_panorama=True)


def _build(tree: NodeTree, is_panorama: bool = False) -> None:
    """Radius = depth * Point Radius / Focal Length, depth along the camera's -z or the ray."""
    geometry, point_radius, focal, material = (tree.add_input(each) for each in _INPUTS)
    position = tree.output(tree.node("GeometryNodeInputPosition"))
    if is_panorama:
        settings = {"operation": "LENGTH"}
        z = tree.output(tree.node("ShaderNodeVectorMath", settings, Vector=position), "Value")
    else:
        z = tree.output(tree.node("ShaderNodeSeparateXYZ", Vector=position), "Z")
    radius = (point_radius / focal * z).magnitude()
    node = tree.node("GeometryNodeMeshToPoints", Mesh=geometry, Radius=radius)
    points = tree.output(node)
    node = tree.node("GeometryNodeSetMaterial", Geometry=points, Material=material)
    tree.set_output("Geometry", "Geometry", tree.output(node))
