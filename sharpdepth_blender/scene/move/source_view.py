"""Views: which pictures are painted on what, and from where they were taken."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.uv_intrinsics import intrinsics_of_uvs
from ..layers import color_of
from ..live import find_modifier, live_intrinsics
from ..material import PAINT
from ..modifier import get_input
from ..picture import image_size, image_values
from ..projection import (
    camera_of,
    depth_of,
    picture_of,
    projection_intrinsics,
    projection_nodes,
    projections_of,
)
from ..projection.material_nodes import stacked
from ..result_marks import is_panoramic

# How far a UV map may differ from a projection, as a share of the picture's longer side.
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class SourceView:
    """A picture on the objects that it is painted on, as the camera that took it sees them.

    Attributes:
        obj: The one in whose space that camera stands, at its origin and looking along -z: the
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

    def at(self, depsgraph: bpy.types.Depsgraph) -> tuple["SourceView", np.ndarray]:
        """The view as it is in a depsgraph, and its (4, 4) world matrix there.

        A camera's own scale does not count; a result's does.
        """
        evaluated = self.obj.evaluated_get(depsgraph)
        matrix = evaluated.matrix_world
        if self.obj.type == "CAMERA":
            return self, np.array(matrix.normalized())
        modifier = find_modifier(evaluated)  # of a sequence the lens may be animated
        lens = modifier and _live_lens(modifier)
        return (replace(self, intrinsics=lens) if lens else self), np.array(matrix)


def taking_views(scene: bpy.types.Scene) -> list[SourceView]:
    """Find the pictures of a scene: of its results and their layers, and those that are projected.

    Args:
        scene: Its objects that are rendered count.

    Returns:
        Views; objects that no picture is known for are in none.
    """
    meshes = [obj for obj in scene.objects if obj.type == "MESH" and not obj.hide_render]
    found = []
    for obj in meshes:
        if _is_ours(obj) and not _is_bare(obj):
            modifier = find_modifier(obj)
            lens = _live_lens(modifier) if modifier else _mesh_lens(obj)
            if lens and not is_panoramic(obj):  # through whose lens no pixel can be followed
                found.append(SourceView(obj, lens, frozenset([obj.name])))
    return [*found, *_projected_views(meshes)]


def _projected_views(meshes: Sequence[bpy.types.Object]) -> Iterator[SourceView]:
    painted: dict[bpy.types.NodeTree, list[str]] = {}
    for obj in meshes:
        for projection in projections_of(obj):
            if not all(node.mute for node in projection_nodes(obj, projection)):
                painted.setdefault(projection, []).append(obj.name)
    for projection, names in painted.items():
        camera, depth = camera_of(projection), depth_of(projection)
        if camera is None or depth is None or not all(image_size(depth)):
            continue
        intrinsics = projection_intrinsics(projection)
        picture = picture_of(projection)
        if picture is not None and all(image_size(picture)):
            intrinsics = intrinsics.resized(*image_size(picture))
        values = np.ascontiguousarray(image_values(depth)[..., 0])
        yield SourceView(camera, intrinsics, frozenset(names), values)


def _is_bare(obj: bpy.types.Object) -> bool:
    """Whether an object shows nothing but what is projected onto it."""
    modifier = find_modifier(obj)
    slots = [slot.material for slot in obj.material_slots]
    for material in [get_input(modifier, "Material")] if modifier else slots:
        if projections := stacked(material):
            base = material.node_tree.nodes[PAINT].inputs[1]
            shows = any(link.from_node.type != "BSDF_TRANSPARENT" for link in base.links)
            return not shows and not projections[0].inputs["Alpha"].is_linked
    return False


def _is_ours(obj: bpy.types.Object) -> bool:
    """Whether an object was made of a picture, such as a result or a layer, and lies before it."""
    return any(key.startswith("sharpdepth_") for key in obj.keys())


def _live_lens(modifier: bpy.types.NodesModifier) -> Intrinsics | None:
    intrinsics, picture = live_intrinsics(modifier), get_input(modifier, "Picture")
    if intrinsics and picture is not None and all(image_size(picture)):
        intrinsics = intrinsics.resized(*image_size(picture))
    return intrinsics


def _mesh_lens(obj: bpy.types.Object) -> Intrinsics | None:
    """By the UV map, which is all that tells the lens of a mesh; None where it tells none."""
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
    points = points.reshape(-1, 3)[corners]
    if not (points[:, 2] < 0).all():
        return None
    width, height = image_size(picture)
    tolerance = _TOLERANCE * max(width, height)
    return intrinsics_of_uvs(points, uvs.reshape(-1, 2), width, height, tolerance)


def _picture_of(obj: bpy.types.Object) -> bpy.types.Image | None:
    """The image of the first material that has one with values; a layer's own of a layer."""
    if image := color_of(obj):
        return image
    for material in filter(None, obj.data.materials):
        for node in material.node_tree.nodes if material.node_tree else ():
            if node.type == "TEX_IMAGE" and node.image and all(image_size(node.image)):
                return node.image
    return None
