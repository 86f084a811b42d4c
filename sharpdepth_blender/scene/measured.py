"""Measured: the result to scale or to level, and the points selected on it."""

import bpy
import numpy as np
from mathutils import Vector

from .floor import FloorError
from .layers import layers_shown_for
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
        raise ScaleError("Go back to Object Mode to measure {result}.", result=result.name)
    return result


def scalable_result(context: bpy.types.Context) -> bpy.types.Object:
    """The result that `measurable_result` finds, if scaling it can be seen.

    Raises:
        ScaleError: Likewise, or it is hidden and its layers are active.
    """
    result = measurable_result(context)
    if layers_shown_for(context, result):
        raise ScaleError(
            "{result} is hidden, and its layers would not be scaled: show it, set its scale and "
            "split it again.",
            result=result.name,
        )
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


def selected_places(context: bpy.types.Context, result: bpy.types.Object) -> list[Vector]:
    """World positions of all selected empties, or in Edit Mode of the result's selected vertices.

    Args:
        context: Context with the selection.
        result: Result that `measurable_result` returned.

    Raises:
        FloorError: There are fewer than three.
    """
    depsgraph = context.evaluated_depsgraph_get()
    if result.mode == "EDIT":
        matrix = np.array(result.evaluated_get(depsgraph).matrix_world)
        mesh, found = _selected(result)
        positions = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", positions)
        places = positions.reshape(-1, 3)[found] @ matrix[:3, :3].T + matrix[:3, 3]
        points = [Vector(place) for place in places.tolist()]
    else:
        empties = [obj for obj in context.selected_objects if obj.type == "EMPTY"]
        points = [obj.evaluated_get(depsgraph).matrix_world.translation.copy() for obj in empties]
    if len(points) < 3:
        what = "vertices of the floor" if result.mode == "EDIT" else "empties on the floor"
        raise FloorError("Select three {what} or more, not {count}.", what=what, count=len(points))
    return points


def _meant(context: bpy.types.Context) -> bpy.types.Object:
    found = target_results(context)
    if not found:
        raise ScaleError("There is no depth result in this scene.")
    if len(found) > 1:
        raise ScaleError("There are several depth results: make one of them active.")
    return found[0]


def _selected(obj: bpy.types.Object) -> tuple[bpy.types.Mesh, np.ndarray]:
    """The mesh of an object in Edit Mode, and the indices of its selected vertices."""
    obj.update_from_editmode()
    mesh = mesh_of(obj)
    selected = np.empty(len(mesh.vertices), np.bool_)
    mesh.vertices.foreach_get("select", selected)
    return mesh, np.flatnonzero(selected)


def _selected_vertices(obj: bpy.types.Object) -> tuple[Vector, Vector]:
    mesh, found = _selected(obj)
    if len(found) != 2:
        raise ScaleError(
            "Select two vertices of {obj} to measure between, not {count}.",
            obj=obj.name,
            count=len(found),
        )
    first, second = (mesh.vertices[int(index)].co.copy() for index in found)
    return first, second
