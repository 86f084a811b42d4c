"""Unwrapping: a UV map for a mesh that has none."""

import math
from typing import Any

import bpy
import numpy as np

_ANGLE = math.radians(66)  # Blender's default: the largest angle between faces of one island


def add_uv_map(mesh: bpy.types.Mesh, margin: float) -> str:
    """Add a UV map without overlaps to a mesh, with islands in proportion to their area.

    Works on a copy of the mesh in a scene of its own, so that the user's mode, selection and view
    neither matter nor change.

    Args:
        mesh: Mesh with faces.
        margin: Smallest distance between islands, as a share of the map's side.

    Returns:
        Name of the new map.
    """
    copy = mesh.copy()
    scene = bpy.data.scenes.new("unwrapping")
    obj = bpy.data.objects.new("unwrapping", copy)
    try:
        scene.collection.objects.link(obj)
        layer = scene.view_layers[0]
        layer.objects.active = obj
        obj.select_set(True, view_layer=layer)
        made = copy.uv_layers.new(name="UVMap").name
        where: dict[str, Any] = {
            "scene": scene,
            "view_layer": layer,
            "active_object": obj,
            "object": obj,
            "selected_objects": [obj],
            "area": None,
            "region": None,
        }
        with bpy.context.temp_override(**where):
            bpy.ops.object.mode_set(mode="EDIT")
            with bpy.context.temp_override(**where, edit_object=obj):
                bpy.ops.mesh.reveal()
                bpy.ops.mesh.select_all(action="SELECT")
                bpy.ops.uv.smart_project(
                    angle_limit=_ANGLE, island_margin=margin, correct_aspect=False,
                    scale_to_bounds=False,
                )  # fmt: skip
            bpy.ops.object.mode_set(mode="OBJECT")
        uvs = np.empty(2 * len(copy.loops), np.float32)
        copy.uv_layers[made].uv.foreach_get("vector", uvs)
    finally:
        bpy.data.scenes.remove(scene)
        bpy.data.batch_remove([obj, copy])
    uv_map = mesh.uv_layers.new(name="UVMap")
    uv_map.uv.foreach_set("vector", uvs)
    return uv_map.name
