"""How large a result is: without its sky, which is at no distance."""

import bpy
import numpy as np

from .live import find_modifier
from .modifier import get_input, has_input

_last: tuple[tuple, np.ndarray] | None = None  # of the result that was asked for last, and its size


def extent_of(obj: bpy.types.Object, depsgraph: bpy.types.Depsgraph) -> np.ndarray:
    """Return the size of all that is not sky along an object's own axes, (3,), Blender units.

    Panels ask again with each redraw, so points are read anew only where something has changed.

    Args:
        obj: A result.
        depsgraph: Evaluates it, unless it is hidden, and is up to date.
    """
    global _last
    seen = obj.evaluated_get(depsgraph)
    if not seen.is_evaluated:
        return np.array(obj.dimensions)
    corners = np.array(obj.bound_box)  # that of Points is not with the evaluated mesh
    state = (obj.session_uid, corners.tobytes(), *_limits(obj))
    if _last is None or _last[0] != state:
        _last = state, _without_sky(seen, corners)
    return _last[1] * np.abs(np.array(seen.matrix_world.to_scale()))


def _limits(obj: bpy.types.Object) -> tuple[float, ...]:
    """What makes sky of points without moving them."""
    modifier = find_modifier(obj)
    if modifier is None:
        return ()
    names = ("Far", "Sky Beyond")
    return tuple(get_input(modifier, name) for name in names if has_input(modifier, name))


def _without_sky(seen: bpy.types.Object, corners: np.ndarray) -> np.ndarray:
    geometry = seen.evaluated_geometry()
    for part in (geometry.mesh, geometry.pointcloud):
        sky = part and part.attributes.get("Sky")
        if sky:
            there = np.empty(len(sky.data), bool)
            sky.data.foreach_get("value", there)
            if there.any() and not there.all():
                points = np.empty((len(there), 3), np.float32)
                part.attributes["position"].data.foreach_get("vector", points.ravel())
                return np.ptp(points[~there], axis=0)
    return np.ptp(corners, axis=0)
