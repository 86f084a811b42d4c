"""Bake: turning a live result into a plain mesh, in numpy."""

from typing import Any

import bpy
import numpy as np

from ..geometry import Intrinsics, Surface, build_surface, sample_counts, shape_depth
from ..geometry.panorama import panorama_surface
from ..geometry.strips import strips
from .current_frame import depth_now, follows_frame, freeze_frame, normals_now, picture_now
from .errors import SceneError
from .live import LENS, find_modifier
from .mesh import add_attribute, mesh_from_points, mesh_from_surface, mesh_of
from .modifier import get_input
from .node_groups import remove_unused_groups
from .picture import values_at
from .points import add_point_modifier
from .result_marks import is_panoramic
from .shaped import keep_shaping, shaping_by, shaping_inputs
from .sky import sky_of


def bake_result(obj: bpy.types.Object, resolution: int | None = None) -> None:
    """Replace a live result's modifier with the mesh that it shows at the current frame.

    Points become colored vertices with a small modifier that makes them a cloud. Everything else
    about the object stays: its transform, material, depth maps and other modifiers. A sequence is
    frozen at the current frame.

    Args:
        obj: Live result, in Object Mode.
        resolution: Samples along the picture's longer side; None for the result's own setting.

    Raises:
        SceneError: It is not a live result, is linked or being edited, or lacks an image.
    """
    modifier = _live_modifier(obj)
    if obj.library or obj.data.library:
        raise SceneError("{obj} is linked from another file: make it local first.", obj=obj.name)
    if obj.mode != "OBJECT":
        raise SceneError("{obj} is being edited: go back to Object Mode to bake it.", obj=obj.name)

    def value(name: str) -> Any:
        return get_input(modifier, name)

    depth = _shown_depth(obj, modifier)
    height, width = depth.shape
    fx, fy, cx, cy = (value(name) for name in LENS)
    intrinsics = Intrinsics(fx, fy, cx, cy, width, height)
    resolution = value("Resolution") if resolution is None else resolution
    material = value("Material")
    points = value("Output") == "Points"
    if is_panoramic(obj):
        surface = panorama_surface(depth, value("Tear Ratio"), resolution, is_closed=not points)
    else:
        surface = build_surface(
            depth, intrinsics, value("Tear Ratio"), resolution, keep_loose=points
        )
    if points:
        colors = values_at(picture_now(modifier), surface.uvs)[:, :3]
        mesh = mesh_from_points(obj.name, surface, colors, value("Picture").is_float)
        radius = value("Point Radius")
        columns, _ = sample_counts(width, height, resolution)
        # In samples, as the radius is.
        focal = intrinsics.fx * max(columns - 1, 1) / max(width - 1, 1)
    else:
        mesh = mesh_from_surface(obj.name, surface, value("Smooth Shading"))
        _keep_normals(mesh, surface, normals_now(obj, modifier))
    _keep_sky(obj, mesh, surface, depth_now(modifier, "Depth"))
    mesh.materials.append(material)
    if follows_frame(modifier):
        freeze_frame(obj, modifier)
    before, obj.data = mesh_of(obj), mesh
    if before.users == 0:
        bpy.data.meshes.remove(before)
    keep_shaping(obj, modifier)
    obj.modifiers.remove(modifier)
    if points:
        add_point_modifier(obj, material, focal, radius, is_panoramic(obj))
        obj.modifiers.move(len(obj.modifiers) - 1, 0)
    remove_unused_groups()


def _keep_normals(mesh: bpy.types.Mesh, surface: Surface, told: np.ndarray | None) -> None:
    """Store the attribute "Normal" as the modifier does."""
    normals = np.empty((len(mesh.vertices), 3), np.float32)
    mesh.vertex_normals.foreach_get("vector", normals.ravel())
    if told is not None:
        uvs = surface.uvs
        for part in strips(*normals.shape):
            found = values_at(told, uvs[part])
            known = np.linalg.norm(found, axis=1) > 0.5
            normals[part][known] = found[known]
    add_attribute(mesh, "Normal", normals)


def _keep_sky(
    obj: bpy.types.Object, mesh: bpy.types.Mesh, surface: Surface, depth: np.ndarray | None
) -> None:
    """Store the attribute "Sky" likewise."""
    sky = None if depth is None else sky_of(obj, depth)
    values = np.zeros(len(mesh.vertices), bool)
    if sky is not None:
        values = values_at(sky[..., None], surface.uvs)[:, 0] > 0
    add_attribute(mesh, "Sky", values)


def _live_modifier(obj: bpy.types.Object) -> bpy.types.NodesModifier:
    modifier = find_modifier(obj)
    if modifier is None:
        raise SceneError("{obj} is no live depth result.", obj=obj.name)
    return modifier


def _shown_depth(obj: bpy.types.Object, modifier: bpy.types.NodesModifier) -> np.ndarray:
    """The depth that a live result shows, (H, W) in Blender units."""
    depth, metric_depth = (depth_now(modifier, name) for name in ("Depth", "Metric Depth"))
    if depth is None or metric_depth is None:
        raise SceneError("The depth images of {obj} are gone.", obj=obj.name)
    return shape_depth(depth, metric_depth, shaping_by(shaping_inputs(modifier)))
