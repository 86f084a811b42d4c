"""Motion: what of an object differs from frame to frame, and keys that repeat it."""

from collections.abc import Iterable, Sequence

import bpy
from mathutils import Matrix

from ..evaluation import depsgraph_of
from ..isolated_scene import isolated_scene

_TIME = "GeometryNodeInputSceneTime"


def is_moving(obj: bpy.types.Object) -> bool:
    """Whether an object's place or shape may differ from frame to frame, by how it is made."""
    shape_keys = getattr(obj.data, "shape_keys", None)
    if any(_is_animated(block) for block in (obj, obj.data, shape_keys)) or len(obj.constraints):
        return True
    groups = [
        each.node_group for each in obj.modifiers if isinstance(each, bpy.types.NodesModifier)
    ]
    if any(group and _knows_time(group, set()) for group in groups):
        return True
    return obj.parent is not None and is_moving(obj.parent)


def pose_path(
    scene: bpy.types.Scene, obj: bpy.types.Object, frames: Iterable[int]
) -> list[tuple[int, Matrix]]:
    """World matrices of an object at frames of its scene, [(frame, matrix)], in its units."""
    with isolated_scene(scene, [obj]) as bare:
        path = []
        for frame in frames:
            bare.frame_set(frame)
            path.append((frame, obj.evaluated_get(depsgraph_of(bare)).matrix_world.copy()))
    return path


def move(obj: bpy.types.Object, path: Sequence[tuple[int, Matrix]], unit: float) -> None:
    """Have an object take its place, with a key for each where there are several.

    Args:
        obj: Has no parent.
        path: (frame, matrix) of each.
        unit: Factor of the matrices' locations.
    """
    obj.rotation_mode = "QUATERNION"
    before = None
    for frame, matrix in path:
        location, rotation, scale = matrix.decompose()
        if before is not None:
            rotation.make_compatible(before)
        obj.location, obj.rotation_quaternion, obj.scale = location * unit, rotation, scale
        before = rotation
        if len(path) > 1:
            for name in ("location", "rotation_quaternion", "scale"):
                obj.keyframe_insert(name, frame=frame)


def _is_animated(block: bpy.types.ID | None) -> bool:
    data = getattr(block, "animation_data", None)
    return bool(data and (data.action or data.drivers or data.nla_tracks))


def _knows_time(group: bpy.types.NodeTree, seen: set[bpy.types.NodeTree]) -> bool:
    seen.add(group)
    return any(
        node.bl_idname == _TIME
        or (
            isinstance(node, bpy.types.GeometryNodeGroup)
            and node.node_tree
            and node.node_tree not in seen
            and _knows_time(node.node_tree, seen)
        )
        for node in group.nodes
    )
