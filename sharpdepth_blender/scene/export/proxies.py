"""Stand-ins: a plain camera, a plain mesh and a plain material in the place of others."""

from collections.abc import Sequence

import bpy

from ..camera import camera_data, remove_backgrounds
from ..material import is_lit
from ..modifier import add_nodes_modifier
from .motion import move
from .path import Pose


def camera_stand_in(
    camera: bpy.types.Object, path: Sequence[Pose], unit: float, made: list[bpy.types.ID]
) -> bpy.types.Object:
    """Make a camera that sees what another one does, by a horizontal sensor fit.

    Args:
        camera: What sees.
        path: Its poses, one where it stands still.
        unit: Meters in one of the scene's units.
        made: Takes what is made.

    Returns:
        New object, linked nowhere, in meters.
    """
    data: bpy.types.Camera = camera_data(camera).copy()  # type: ignore[assignment]  # never None
    made.append(data)
    data.animation_data_clear()
    remove_backgrounds(data)
    first = path[0].intrinsics
    data.sensor_fit = "HORIZONTAL"
    data.sensor_width = path[0].lens * first.width / first.fx
    data.sensor_height = data.sensor_width * first.height * first.fx / first.fy / first.width
    data.clip_start, data.clip_end = data.clip_start * unit, data.clip_end * unit
    data.dof.focus_object = None
    for pose in path:
        known = pose.intrinsics
        data.lens = known.fx * data.sensor_width / known.width
        data.shift_x = (known.width / 2 - known.cx) / known.width
        data.shift_y = (known.cy - known.height / 2) * known.fx / known.fy / known.width
        data.dof.focus_distance = pose.focus
        if len(path) > 1:
            for name in ("lens", "shift_x", "shift_y", "dof.focus_distance"):
                data.keyframe_insert(name, frame=pose.frame)
    stand_in = bpy.data.objects.new(camera.name, data)
    made.append(stand_in)
    move(stand_in, [(pose.frame, pose.matrix) for pose in path], 1.0)
    note_actions(stand_in, made)
    return stand_in


def geometry_stand_in(
    obj: bpy.types.Object,
    unit: float,
    made: list[bpy.types.ID],
    shown: bpy.types.Mesh | None = None,
) -> bpy.types.Object:
    """Make an object with the geometry that another one's modifiers make, frame by frame.

    Args:
        obj: What has the geometry.
        unit: Meters in one of the scene's units.
        made: Takes what is made.
        shown: Geometry to have in its place.

    Returns:
        New object, linked nowhere, whose geometry is in meters.
    """
    mesh = bpy.data.meshes.new(obj.name)
    stand_in = bpy.data.objects.new(obj.name, mesh)
    group = bpy.data.node_groups.new("stand-in", "GeometryNodeTree")
    made += [mesh, stand_in, group]  # type: ignore[list-item]  # never None
    group.is_modifier = True
    group.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")  # type: ignore[arg-type]  # described as none
    source = group.nodes.new("GeometryNodeObjectInfo")
    if shown is None:
        source.inputs["Object"].default_value = _with_its_materials(obj, made)
    else:
        source.inputs["Object"].default_value = holder = bpy.data.objects.new(obj.name, shown)
        made.append(holder)
    size = group.nodes.new("GeometryNodeTransform")
    size.inputs["Scale"].default_value = (unit,) * 3
    output = group.nodes.new("NodeGroupOutput")
    output.name = "Group Output"  # in every language
    group.links.new(source.outputs["Geometry"], size.inputs["Geometry"])
    group.links.new(size.outputs["Geometry"], output.inputs[0])
    add_nodes_modifier(stand_in, "stand-in", group)  # type: ignore[arg-type]  # never None
    return stand_in


def _with_its_materials(obj: bpy.types.Object, made: list[bpy.types.ID]) -> bpy.types.Object:
    """An object whose geometry has the materials that are tied to the object and not to its mesh.

    Geometry Nodes see those of the mesh only.
    """
    if not any(slot.link == "OBJECT" for slot in obj.material_slots):
        return obj
    copy, data = obj.copy(), obj.data.copy()
    assert copy is not None and data is not None
    copy.data = data
    made += [copy, data]
    for number, slot in enumerate(obj.material_slots):
        copy.material_slots[number].link = "DATA"
        data.materials[number] = slot.material
    return copy


def replace_material(
    stand_in: bpy.types.Object,
    number: int,
    before: bpy.types.Material | None,
    after: bpy.types.Material | None,
) -> None:
    """Have a stand-in's geometry show a material in the place of another one.

    Args:
        stand_in: Of `geometry_stand_in`.
        number: Of the slot.
        before: The one that the geometry has, or None.
        after: The one to show.
    """
    # Some exporters ask the geometry, and some the slots of the object.
    tree = stand_in.modifiers[0].node_group  # type: ignore[attr-defined]  # it is one of nodes
    (link,) = tree.nodes["Group Output"].inputs[0].links
    node = tree.nodes.new("GeometryNodeReplaceMaterial")
    node.inputs["Old"].default_value, node.inputs["New"].default_value = before, after
    tree.links.new(link.from_socket, node.inputs["Geometry"])
    tree.links.new(node.outputs["Geometry"], tree.nodes["Group Output"].inputs[0])
    stand_in.data.materials.append(None)
    stand_in.material_slots[number].link = "OBJECT"
    stand_in.material_slots[number].material = after


def plain_material(
    material: bpy.types.Material,
    file: str,
    alpha: bool,
    glows: bool,
    made: list[bpy.types.ID],
) -> bpy.types.Material:
    """Make a material that shows a picture by the active UV map, as exporters understand it.

    Args:
        material: Picture material of ours, which says whether it is lit.
        file: Of the picture.
        alpha: Whether the picture's alpha counts.
        glows: Whether an unlit picture is the emission of a principled shader; else it is a mere
            color, which glTF calls unlit.
        made: Takes what is made.

    Returns:
        New material.
    """
    plain = bpy.data.materials.new(material.name)
    image = bpy.data.images.load(file)
    made += [plain, image]
    if plain.node_tree is None:  # from 5.0 on every material has its nodes
        plain.use_nodes = True
    nodes, links = plain.node_tree.nodes, plain.node_tree.links
    nodes.clear()
    texture = nodes.new("ShaderNodeTexImage")
    texture.image, texture.extension = image, "EXTEND"
    surface = nodes.new("ShaderNodeOutputMaterial").inputs["Surface"]
    color = texture.outputs["Color"]
    if glows or is_lit(material):
        shader = nodes.new("ShaderNodeBsdfPrincipled")
        shader.inputs["Roughness"].default_value = 1.0
        if is_lit(material):
            links.new(color, shader.inputs["Base Color"])
        else:
            shader.inputs["Base Color"].default_value = (0, 0, 0, 1)
            shader.inputs["IOR"].default_value = 1.0  # else it would reflect the world
            shader.inputs["Emission Strength"].default_value = 1.0
            links.new(color, shader.inputs["Emission Color"])
        if alpha:
            links.new(texture.outputs["Alpha"], shader.inputs["Alpha"])
        links.new(shader.outputs[0], surface)
    elif alpha:
        mix = nodes.new("ShaderNodeMixShader")
        links.new(texture.outputs["Alpha"], mix.inputs[0])
        links.new(nodes.new("ShaderNodeBsdfTransparent").outputs[0], mix.inputs[1])
        links.new(color, mix.inputs[2])
        links.new(mix.outputs[0], surface)
    else:
        links.new(color, surface)
    return plain


def note_actions(stand_in: bpy.types.Object, made: list[bpy.types.ID]) -> None:
    """Add the actions that keys of a stand-in are in to what was made."""
    for block in (stand_in, stand_in.data):
        if block.animation_data and block.animation_data.action:
            made.append(block.animation_data.action)
