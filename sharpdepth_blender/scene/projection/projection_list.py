"""Projection list: the projections on an object, in order."""

from collections.abc import Mapping, Sequence

import bpy

from ..linked import check_local
from .errors import ProjectionError
from .material_nodes import delete_node, is_painted, put_in, put_on_top, stacked, take_out
from .projector import camera_of, depth_of
from .slots import (
    add_slot,
    drop_slot,
    give_back,
    make_own,
    own_material,
    painted_materials,
    slots_of,
)


def projections_of(obj: bpy.types.Object) -> list[bpy.types.NodeTree]:
    """The projections on an object, each a shader node group, the lowest first."""
    nodes = [node for each in painted_materials(obj) for node in stacked(each)]
    return list(dict.fromkeys(node.node_tree for node in nodes if node.node_tree))


def projection_nodes(obj: bpy.types.Object, projection: bpy.types.NodeTree) -> list[bpy.types.Node]:
    """The nodes that show a projection on an object, one per material."""
    nodes = [node for each in painted_materials(obj) for node in stacked(each)]
    return [node for node in nodes if node.node_tree == projection]


def add_to_stack(
    objects: Sequence[bpy.types.Object],
    projection: bpy.types.NodeTree,
    settings: Mapping[str, object],
    attribute: str | None = None,
    keep_material: bool = False,
) -> None:
    """Put a projection on top of the projections that objects have.

    Each slot of an object gets a material of ours, linked to the object so that the mesh keeps its
    own materials; slots that shared a material still share one. A live result gets the material in
    its modifier.

    Args:
        objects: Mesh objects that `check_objects` accepts.
        projection: Projection to add.
        settings: Values of its inputs by name.
        attribute: Color attribute that masks it; None for no mask.
        keep_material: Whether to show the former material where nothing is painted; has no effect
            on materials that already have a projection.
    """
    chosen, ours = set(objects), {}
    for obj in objects:
        add_slot(obj)
        for slot in slots_of(obj):
            former = slot.material
            if former not in ours:
                ours[former] = own_material(former, chosen, keep_material)
            slot.material = ours[former]
    for material in ours.values():
        put_on_top(material, projection, settings, attribute)


def move_projection(obj: bpy.types.Object, projection: bpy.types.NodeTree, index: int) -> None:
    """Move a projection within the stack of an object.

    Args:
        obj: Object with the projection.
        projection: One of `projections_of(obj)`.
        index: New index, 0 for the lowest; clamped to the stack.

    Raises:
        ProjectionError: The object does not have the projection.
        LinkedError: It is linked from another file.
    """
    _check_has(obj, projection)
    make_own(obj)
    for material in painted_materials(obj):
        for node in [each for each in stacked(material) if each.node_tree == projection]:
            take_out(material, node)
            put_in(material, node, max(index, 0))


def remove_projection(obj: bpy.types.Object, projection: bpy.types.NodeTree) -> None:
    """Remove a projection from an object; without any, it gets its former materials back.

    A projection that no object uses any more is deleted with its camera and depth map.

    Args:
        obj: Object with the projection.
        projection: One of `projections_of(obj)`.

    Raises:
        ProjectionError: The object does not have the projection.
        LinkedError: It is linked from another file.
    """
    _check_has(obj, projection)
    make_own(obj)
    for slot in slots_of(obj):
        material = slot.material
        if not is_painted(material):
            continue
        for node in [each for each in stacked(material) if each.node_tree == projection]:
            take_out(material, node)
            delete_node(material, node)
        if not stacked(material):
            give_back(slot, material)
    drop_slot(obj)
    if projection.users == 0:
        remove_parts(projection)


def remove_parts(projection: bpy.types.NodeTree) -> None:
    """Delete a projection that nothing uses, with what was made for it alone."""
    camera, depth = camera_of(projection), depth_of(projection)
    bpy.data.node_groups.remove(projection)
    data = camera and camera.data
    if camera:
        bpy.data.objects.remove(camera)
    bpy.data.batch_remove([each for each in (data, depth) if each and each.users == 0])


def _check_has(obj: bpy.types.Object, projection: bpy.types.NodeTree) -> None:
    check_local(obj)
    if projection not in projections_of(obj):
        raise ProjectionError(
            "{obj} does not show the projection {projection}.",
            obj=obj.name,
            projection=getattr(projection, "name", projection),
        )
