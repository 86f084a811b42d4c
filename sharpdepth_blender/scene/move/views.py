"""Views: which pictures are painted on what, and from where they were taken."""

from dataclasses import dataclass

import bpy
import numpy as np

from ...geometry import Intrinsics
from ..live import find_modifier
from ..modifier import get_input
from ..result import is_result

# How far a UV map may differ from a projection, in shares of the picture, to pass for one.
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class TakingView:
    """A picture on the objects that it is painted on, as the camera that took it sees them.

    Attributes:
        obj: Object in whose space that camera stands, at its origin and looking along -z: the
            camera itself, or a result that lies before it.
        intrinsics: Intrinsics of the picture.
        paints: Names of the objects that show it.
        depth: (H, W) z-depth in Blender units of what the camera sees, where the picture is painted
            on no more than that, 0 where it sees nothing; None where all of the surface is painted,
            as by a UV map.
    """

    obj: bpy.types.Object
    intrinsics: Intrinsics
    paints: frozenset[str]
    depth: np.ndarray | None = None


def taking_views(scene):
    """Find the pictures of a scene's results.

    Args:
        scene: Scene.

    Returns:
        List of `TakingView`; objects that no picture is known for are in none.
    """
    results = [obj for obj in scene.objects if is_result(obj) and obj.type == "MESH"]
    found = [_live_view(obj) if find_modifier(obj) else _baked_view(obj) for obj in results]
    return [view for view in found if view is not None]


def _live_view(obj):
    modifier = find_modifier(obj)
    depth, picture = (get_input(modifier, name) for name in ("Depth", "Picture"))
    if depth is None or not all(depth.size):
        return None
    lens = (
        get_input(modifier, name)
        for name in ("Focal Length X", "Focal Length Y", "Principal Point X", "Principal Point Y")
    )
    intrinsics = Intrinsics(*lens, *depth.size)
    if picture is not None and all(picture.size):
        intrinsics = intrinsics.resized(*picture.size)
    return TakingView(obj, intrinsics, frozenset([obj.name]))


def _baked_view(obj):
    """By the UV map, which is the only thing that tells the lens of a mesh."""
    picture = _picture_of(obj)
    mesh = obj.data
    uv_map = mesh.uv_layers.active
    if picture is None or uv_map is None or not len(mesh.loops):
        return None
    uvs, corners = np.empty(2 * len(mesh.loops), np.float32), np.empty(len(mesh.loops), np.int32)
    uv_map.uv.foreach_get("vector", uvs)
    mesh.loops.foreach_get("vertex_index", corners)
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    points = points.reshape(-1, 3)[corners].astype(np.float64)
    if not (points[:, 2] < 0).all():
        return None
    slopes = points[:, :2] / -points[:, 2:]
    fits = [_line(*pair) for pair in zip(slopes.T, uvs.reshape(-1, 2).T, strict=True)]
    if None in fits:
        return None
    (across, left), (up, bottom) = fits
    width, height = picture.size
    lens = across * width, up * height, left * width, (1 - bottom) * height
    return TakingView(obj, Intrinsics(*lens, width, height), frozenset([obj.name]))


def _line(slopes, places):
    """(factor, offset) that take slopes to places, None where none above zero does."""
    spread = np.ptp(slopes)
    if not spread > 0:
        return None
    factor, offset = np.polyfit(slopes, places, 1)
    off = np.abs(factor * slopes + offset - places).max()
    return (factor, offset) if factor > 0 and off < _TOLERANCE else None


def _picture_of(obj):
    """The image of the first material that has one with values."""
    for material in filter(None, obj.data.materials):
        for node in material.node_tree.nodes if material.node_tree else ():
            if node.type == "TEX_IMAGE" and node.image and all(node.image.size):
                return node.image
    return None
