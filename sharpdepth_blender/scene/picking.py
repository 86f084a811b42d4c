"""Picking: the point of a result under the mouse."""

import bpy
import numpy as np
from bpy_extras import view3d_utils
from mathutils import Matrix, Vector

# How far from the mouse a point of a cloud may lie, in pixels.
_REACH = 12


def point_under(
    depsgraph: bpy.types.Depsgraph,
    obj: bpy.types.Object,
    region: bpy.types.Region,
    view: bpy.types.RegionView3D,
    mouse: tuple[float, float],
) -> Vector | None:
    """The world position of what a result shows under the mouse.

    Args:
        depsgraph: Evaluated depsgraph of the view.
        obj: Result, a surface or points.
        region: Window region of a 3D viewport.
        view: View of that region.
        mouse: (x, y) in pixels from the region's lower left corner.

    Returns:
        Position in Blender units; None if the result is not under the mouse.
    """
    evaluated = obj.evaluated_get(depsgraph)
    matrix = evaluated.matrix_world
    if len(evaluated.data.polygons):
        place = _hit(evaluated, matrix.inverted_safe(), region, view, mouse)
        return None if place is None else matrix @ place
    points = _cloud(depsgraph, obj)
    found = _nearest(points, view.perspective_matrix @ matrix, (region.width, region.height), mouse)
    return None if found is None else matrix @ Vector(points[found])


def _hit(
    evaluated: bpy.types.Object,
    inverse: Matrix,
    region: bpy.types.Region,
    view: bpy.types.RegionView3D,
    mouse: tuple[float, float],
) -> Vector | None:
    """Local position of the foremost face under the mouse."""
    # A ray right at an edge can slip between the faces; one beside it does not.
    for nudge in (0.0, 0.3):
        pixel = mouse[0] + nudge, mouse[1] + nudge
        origin = view3d_utils.region_2d_to_origin_3d(region, view, pixel)
        direction = view3d_utils.region_2d_to_vector_3d(region, view, pixel)
        hit, place, _, _ = evaluated.ray_cast(inverse @ origin, inverse.to_3x3() @ direction)
        if hit:
            return place
    return None


def _cloud(depsgraph: bpy.types.Depsgraph, obj: bpy.types.Object) -> np.ndarray:
    """(N, 3) local positions of the point cloud that an object shows."""
    for instance in depsgraph.object_instances:
        if instance.object.type == "POINTCLOUD" and instance.object.original == obj:
            places = instance.object.data.attributes["position"].data
            points = np.empty(3 * len(places), np.float32)
            places.foreach_get("vector", points)
            return points.reshape(-1, 3)
    return np.empty((0, 3), np.float32)


def _nearest(
    points: np.ndarray, matrix: Matrix, size: tuple[int, int], mouse: tuple[float, float]
) -> int | None:
    """Index of the point nearest to the mouse, the foremost of those about as near; None if far."""
    to_clip = np.array(matrix, np.float32)
    width, height = np.array(size, np.float32)
    across, up = np.array(mouse, np.float32)
    clip = points @ to_clip[:, :3].T + to_clip[:, 3]
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y, depth = (clip[:, :3] / clip[:, 3:]).T
        away = np.hypot((x + 1) / 2 * width - across, (y + 1) / 2 * height - up)
        away[~(np.abs(depth) <= 1)] = np.inf  # behind the view, or clipped by it
    if not len(away) or not away.min() <= _REACH:
        return None
    near = np.flatnonzero(away <= away.min() + 2)
    return int(near[depth[near].argmin()])
