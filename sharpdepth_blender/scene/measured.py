"""Measured: the result to scale, and the two points selected to measure between."""

import bpy
import numpy as np
from mathutils import Vector

from .live import find_modifier
from .mesh import mesh_of
from .scale import ScaleError
from .target_result import target_results


def measurable_result(context: bpy.types.Context) -> bpy.types.Object:
    """The result that the user means, by `target_results`.

    Returns:
        A result in Object Mode, or a baked one in Edit Mode.

    Raises:
        ScaleError: There is no result, more than one could be meant, or the mode is another.
    """
    result = _meant(context)
    edited = result.mode == "EDIT" and find_modifier(result) is None
    if context.mode != "OBJECT" and not (context.mode == "EDIT_MESH" and edited):
        raise ScaleError("Go back to Object Mode to set the scale of {result}.", result=result.name)
    return result


def selected_points(context: bpy.types.Context, result: bpy.types.Object) -> tuple[Vector, Vector]:
    """World positions of two selected empties, or in Edit Mode of two vertices of the result.

    Args:
        context: Context with the selection.
        result: Result that `measurable_result` returned.

    Returns:
        Two positions in Blender units.

    Raises:
        ScaleError: The number of selected empties or vertices is not two.
    """
    depsgraph = context.evaluated_depsgraph_get()
    if result.mode == "EDIT":
        matrix = result.evaluated_get(depsgraph).matrix_world
        first, second = _selected_vertices(result)
        return matrix @ first, matrix @ second
    empties = [obj for obj in context.selected_objects if obj.type == "EMPTY"]
    if len(empties) != 2:
        raise ScaleError("Select two empties to measure between, not {count}.", count=len(empties))
    first, second = (
        obj.evaluated_get(depsgraph).matrix_world.translation.copy() for obj in empties
    )
    return first, second


def _meant(context: bpy.types.Context) -> bpy.types.Object:
    found = target_results(context)
    if not found:
        raise ScaleError("There is no depth result in this scene.")
    if len(found) > 1:
        raise ScaleError("There are several depth results: make one of them active.")
    return found[0]


def _selected_vertices(obj: bpy.types.Object) -> tuple[Vector, Vector]:
    obj.update_from_editmode()
    mesh = mesh_of(obj)
    selected = np.empty(len(mesh.vertices), np.bool_)
    mesh.vertices.foreach_get("select", selected)
    found = np.flatnonzero(selected)
    if len(found) != 2:
        raise ScaleError(
            "Select two vertices of {obj} to measure between, not {count}.",
            obj=obj.name,
            count=len(found),
        )
    first, second = (mesh.vertices[int(index)].co.copy() for index in found)
    return first, second
