"""Painting: making a layer's clean plate what Blender's paint tools and editors work on."""

import bpy

from ..material import source_of
from ..modifier import add_nodes_modifier, set_input
from ..node_builder import Input, NodeTree
from ..node_groups import shared_group
from .clean_files import plate_frame
from .clean_plate import clean_plate, grow_clean_plate, layer_materials, new_clean_plate
from .material import CLEAN as NODE
from .material import texture_over

# The UV map of a clean plate's frame, by which Texture Paint finds its pixels.
UV_MAP = "Clean Plate"
_GROUP = "sharpdepth_clean_uv"
# Name of the node that leads Texture Paint to the map.
_HINT = "SharpDepth Clean Plate UV"
_LENS = ("Across", "Right", "Upwards", "Up")


def ready_to_paint(obj: bpy.types.Object) -> bpy.types.Image:
    """Have a layer's clean plate be what Texture Paint works on; make or grow it as needed.

    Args:
        obj: Layer, in Object Mode or Texture Paint.

    Returns:
        The clean plate.

    Raises:
        SceneError: As of `new_clean_plate`.
    """
    plate = clean_plate(obj) or new_clean_plate(obj)
    grow_clean_plate(obj)
    _set_uv_map(obj, plate)
    for material in layer_materials(obj):
        texture = texture_over(material, NODE)
        if texture is None:
            continue
        _name_uv_map(material, texture)
        material.node_tree.nodes.active = texture
        slots = [each for each in material.texture_paint_images if each is not None]
        if plate in slots:
            material.paint_active_slot = slots.index(plate)
    return plate


def _name_uv_map(material: bpy.types.Material, texture: bpy.types.ShaderNodeTexImage) -> None:
    """Have Texture Paint, which follows links to a UV Map node, find the map of the plate's frame.

    What is shown is projected at each shading point as before: the map is multiplied by 0.
    """
    nodes, links = material.node_tree.nodes, material.node_tree.links
    place = source_of(texture.inputs["Vector"])
    if place is None or _HINT in nodes:
        return
    uv_map, hint = nodes.new("ShaderNodeUVMap"), nodes.new("ShaderNodeVectorMath")
    uv_map.uv_map, uv_map.name = UV_MAP, f"{_HINT} Map"
    hint.operation, hint.name, hint.label = "MULTIPLY_ADD", _HINT, "For Texture Paint"
    hint.inputs[1].default_value = (0.0, 0.0, 0.0)
    for node, left, down in ((uv_map, 420, 200), (hint, 180, 200)):
        node.location = (texture.location.x - left, texture.location.y - down)
    links.new(uv_map.outputs[0], hint.inputs[0])
    links.new(place, hint.inputs[2])
    links.new(hint.outputs[0], texture.inputs["Vector"])


def _set_uv_map(obj: bpy.types.Object, plate: bpy.types.Image) -> None:
    """Give whatever shape the layer has a UV map of the clean plate's frame."""
    group = shared_group("SharpDepth Clean Plate UV", _GROUP, 1, _build)
    group.is_modifier = True
    modifier = _own_modifier(obj) or add_nodes_modifier(obj, UV_MAP, group)
    frame = plate_frame(plate)
    for name, value in zip(
        _LENS,
        (
            -frame.fx / frame.width,
            frame.cx / frame.width,
            -frame.fy / frame.height,
            1 - frame.cy / frame.height,
        ),
        strict=True,
    ):
        set_input(modifier, name, value)
    mesh = obj.data
    if UV_MAP not in mesh.uv_layers and mesh.library is None:
        mesh.uv_layers.new(name=UV_MAP, do_init=False)  # Blender paints on no mesh without


def _own_modifier(obj: bpy.types.Object) -> bpy.types.NodesModifier | None:
    for each in obj.modifiers:
        if isinstance(each, bpy.types.NodesModifier) and each.node_group is not None:
            if _GROUP in each.node_group.keys():
                return each
    return None


def _build(tree: NodeTree) -> None:
    """Object space is camera space: x / z is minus the slope to the right, y / z the one down."""
    geometry = tree.add_input(Input("Geometry", "Geometry"))
    given = {name: tree.add_input(Input(name, "Float", 0.0)) for name in _LENS}
    position = tree.output(tree.node("GeometryNodeInputPosition"))
    axes = tree.node("ShaderNodeSeparateXYZ", Vector=position)
    x, y, z = (tree.output(axes, axis) for axis in "XYZ")
    uv = tree.vector(
        x / z * given["Across"] + given["Right"], y / z * given["Upwards"] + given["Up"]
    )
    node = tree.node(
        "GeometryNodeStoreNamedAttribute",
        {"data_type": "FLOAT2", "domain": "CORNER"},
        Geometry=geometry, Name=UV_MAP, Value=uv,
    )  # fmt: skip
    tree.set_output("Geometry", "Geometry", tree.output(node))
