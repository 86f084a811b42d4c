"""Enclosing: what a new camera would stand in and see instead of its picture."""

import bpy
import numpy as np
from mathutils import Matrix

from .result import is_result

_SOLID = ("MESH", "CURVE", "SURFACE", "META", "FONT", "VOLUME")


def enclosing_objects(scene: bpy.types.Scene, matrix: Matrix) -> list[bpy.types.Object]:
    """Visible objects of a scene whose boxes hold a camera's place; results do not count.

    Args:
        scene: Where they are.
        matrix: World matrix of the camera.
    """
    found = []
    for obj in scene.objects:
        if obj.type not in _SOLID or is_result(obj) or obj.hide_viewport or obj.hide_get():
            continue
        box = np.array([tuple(corner) for corner in obj.bound_box])
        try:
            place = np.array(obj.matrix_world.inverted() @ matrix.translation)
        except ValueError:  # scaled to nothing
            continue
        if ((box.min(axis=0) < place) & (place < box.max(axis=0))).all():
            found.append(obj)
    return found
