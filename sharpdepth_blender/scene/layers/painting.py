"""Painting: making a layer's clean plate or mask what Blender's paint tools work on."""

from typing import cast

import bpy

from ...geometry import Intrinsics
from ..live import find_modifier
from ..material import source_of
from ..mesh import mesh_of
from ..modifier import add_nodes_modifier, get_input, set_input
from ..node_builder import Input, NodeTree
from ..node_groups import shared_group
from ..picture import image_size
from .clean_files import plate_frame
from .clean_plate import clean_plate, grow_clean_plate, layer_materials, new_clean_plate
from .layer_marks import PAINT_MESH
from .layer_root import kept_intrinsics
from .material import CLEAN as NODE
from .material import texture_over

# The UV maps of a clean plate's frame and of the picture's, by which Texture Paint finds pixels.
UV_MAP, MASK_UV_MAP = "Clean Plate", "Layer Mask"
_GROUP = "sharpdepth_frame_uv"
# Names of the nodes that lead Texture Paint to the maps, and of the one with the mask.
_HINT, _MASK = "SharpDepth Clean Plate UV", "SharpDepth Mask"
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
    _set_uv_map(obj, UV_MAP, plate_frame(plate))
    for material in layer_materials(obj):
        texture = texture_over(material, NODE)
        if texture is not None and not material.library:
            _name_uv_map(material, texture)
            _choose(material, texture)
    return plate


def ready_to_mask(obj: bpy.types.Object, image: bpy.types.Image) -> None:
    """Have a painted mask of a layer be what Texture Paint works on.

    Args:
        obj: Layer.
        image: Its mask, which has the picture's frame.
    """
    rig: bpy.types.Object = obj.parent  # type: ignore[assignment]  # a layer has one
    _set_uv_map(obj, MASK_UV_MAP, kept_intrinsics(rig, *image_size(image)))
    for material in layer_materials(obj):
        if material.node_tree is None:
            continue
        texture = texture_over(material, _MASK) or _add_mask(material)
        texture.image = image
        _choose(material, texture)


def give_paint_mesh(obj: bpy.types.Object) -> None:
    """Have a relief be a mesh in viewports, without which Texture Paint ends Blender.

    Blender 5.2 crashes when it paints on faces that the modifier makes. In renders that still makes
    them. Call it again after each cut while somebody paints, or `take_paint_mesh`.
    """
    modifier = find_modifier(obj)
    if modifier is None:
        return
    modifier.show_viewport = True
    depsgraph = bpy.context.evaluated_depsgraph_get()
    depsgraph.update()
    shown = bpy.data.meshes.new_from_object(
        obj.evaluated_get(depsgraph), preserve_all_data_layers=True, depsgraph=depsgraph
    )
    if not len(shown.polygons):  # not in this view layer, or there is nothing to paint on
        bpy.data.batch_remove([shown])
        return
    before, name = mesh_of(obj), mesh_of(obj).name
    shown.materials.clear()
    for material in before.materials:
        shown.materials.append(material)
    shown[PAINT_MESH] = True
    obj.data = shown
    if before.users == 0:
        bpy.data.batch_remove([before])
    shown.name = name
    modifier.show_viewport = False


def take_paint_mesh(obj: bpy.types.Object) -> None:
    """Have the modifier make what a relief shows again."""
    mesh = mesh_of(obj)
    del mesh[PAINT_MESH]
    mesh.clear_geometry()
    if modifier := find_modifier(obj):
        modifier.show_viewport = True


def _add_mask(material: bpy.types.Material) -> bpy.types.ShaderNodeTexImage:
    """Add a texture that is not shown, but that Texture Paint finds among the others."""
    nodes = material.node_tree.nodes
    uv_map = nodes.new("ShaderNodeUVMap")
    texture = cast(bpy.types.ShaderNodeTexImage, nodes.new("ShaderNodeTexImage"))
    uv_map.uv_map = MASK_UV_MAP
    texture.name, texture.label = _MASK, "Layer Mask"
    uv_map.location, texture.location = (-320, 420), (-100, 420)
    material.node_tree.links.new(uv_map.outputs[0], _vector(texture))
    return texture


def _vector(texture: bpy.types.ShaderNodeTexImage) -> bpy.types.NodeSocket:
    return next(each for each in texture.inputs if each.name == "Vector")


def _choose(material: bpy.types.Material, texture: bpy.types.ShaderNodeTexImage) -> None:
    """Have a texture be what is painted on in a material."""
    material.node_tree.nodes.active = texture
    slots = [each for each in material.texture_paint_images if each is not None]
    if texture.image in slots:
        material.paint_active_slot = slots.index(texture.image)


def _name_uv_map(material: bpy.types.Material, texture: bpy.types.ShaderNodeTexImage) -> None:
    """Have Texture Paint, which follows links to a UV Map node, find the map of the plate's frame.

    What is shown is projected at each shading point as before: the map is multiplied by 0.
    """
    nodes, links = material.node_tree.nodes, material.node_tree.links
    place = source_of(_vector(texture))
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
    links.new(hint.outputs[0], _vector(texture))


def _set_uv_map(obj: bpy.types.Object, name: str, frame: Intrinsics) -> None:
    """Give whatever shape the layer has a UV map of a frame."""
    group = shared_group("SharpDepth Frame UV", _GROUP, 1, _build)
    group.is_modifier = True
    modifier = _own_modifier(obj, name) or add_nodes_modifier(obj, name, group)
    set_input(modifier, "Name", name)
    for slot, value in zip(
        _LENS,
        (
            -frame.fx / frame.width,
            frame.cx / frame.width,
            -frame.fy / frame.height,
            1 - frame.cy / frame.height,
        ),
        strict=True,
    ):
        set_input(modifier, slot, value)
    mesh = obj.data
    if name not in mesh.uv_layers and mesh.library is None:
        mesh.uv_layers.new(name=name, do_init=False)  # Blender paints on no mesh without


def _own_modifier(obj: bpy.types.Object, name: str) -> bpy.types.NodesModifier | None:
    for each in obj.modifiers:
        if isinstance(each, bpy.types.NodesModifier) and each.node_group is not None:
            if _GROUP in each.node_group.keys() and get_input(each, "Name") == name:
                return each
    return None


def _build(tree: NodeTree) -> None:
    """Object space is camera space: x / z is minus the slope to the right, y / z the one down."""
    geometry = tree.add_input(Input("Geometry", "Geometry"))
    called = tree.add_input(Input("Name", "String", UV_MAP))
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
        Geometry=geometry, Name=called, Value=uv,
    )  # fmt: skip
    tree.set_output("Geometry", "Geometry", tree.output(node))
