"""PLY: what an object shows, as points or faces with the picture's colors."""

import os

import bpy
import numpy as np

from ...geometry import write_ply
from ..errors import SaveError, SceneError
from ..evaluation import depsgraph_of
from ..isolated_scene import isolated_scene
from ..picture import values_at
from ..units import meters_per_unit
from .pictures import srgb_picture

# Points, faces, places in the picture and colors.
_Shown = tuple[np.ndarray, np.ndarray | None, np.ndarray | None, np.ndarray | None]


def export_ply(
    path: str | os.PathLike[str], scene: bpy.types.Scene, obj: bpy.types.Object
) -> list[str]:
    """Write what an object shows as a binary PLY, in meters and in the world's axes.

    Points of a cloud, or else vertices and faces: quads where all are, else triangles. Vertices
    have the picture's 8-bit sRGB colors, and places in it (s, t) where the object has UVs; those
    with several places are written several times.

    Args:
        path: File to write, ending in .ply.
        scene: Of the object, at its current frame.
        obj: Result, live or baked, or any mesh.

    Returns:
        Phrases about what the file does not hold: none.

    Raises:
        SceneError: The object shows neither points nor a mesh.
        SaveError: The file cannot be written.
    """
    with isolated_scene(scene, [obj]) as bare:
        bare.view_layers[0].update()
        depsgraph = depsgraph_of(bare)
        shown = obj.evaluated_get(depsgraph)
        points, faces, uvs, colors = _cloud(depsgraph, obj) or _mesh(shown, obj)
        matrix = np.array(shown.matrix_world, np.float64) * meters_per_unit(scene)
    if uvs is not None and (picture := srgb_picture(scene, obj)) is not None:
        colors = values_at(picture, uvs)
    points = points @ matrix[:3, :3].T + matrix[:3, 3]
    try:
        write_ply(path, points, colors=colors, uvs=uvs, faces=faces)
    except OSError as error:
        raise SaveError.of(path, error) from error
    return []


def _cloud(depsgraph: bpy.types.Depsgraph, obj: bpy.types.Object) -> _Shown | None:
    for instance in depsgraph.object_instances:
        found = instance.object
        if found.type == "POINTCLOUD" and found.name == obj.name:
            attributes = found.data.attributes
            points = _read(attributes["position"].data, "vector", 3)
            uvs = attributes.get("UVMap")
            colors = attributes.get("Color")
            return (
                points,
                None,
                None if uvs is None else _read(uvs.data, "vector", 2),
                None if colors is None else _bytes(_read(colors.data, "color_srgb", 4)),
            )
    return None


def _mesh(shown: bpy.types.Object, obj: bpy.types.Object) -> _Shown:
    mesh = shown.data if isinstance(shown.data, bpy.types.Mesh) else None
    if mesh is None or not len(mesh.vertices):
        raise SceneError("{obj} shows neither points nor a mesh.", obj=obj.name)
    points = _read(mesh.vertices, "co", 3)
    vertices = _read(mesh.loops, "vertex_index", 1, np.int32).ravel()
    quads = len(mesh.loops) == 4 * len(mesh.polygons)
    sizes = _read(mesh.polygons, "loop_total", 1, np.int32)
    if len(mesh.polygons) and quads and (sizes == 4).all():
        corners = np.arange(len(vertices)).reshape(-1, 4)
    else:
        mesh.calc_loop_triangles()
        corners = _read(mesh.loop_triangles, "loops", 3, np.int32)
    uvs = _read(mesh.uv_layers.active.uv, "vector", 2) if mesh.uv_layers.active else None
    color = mesh.color_attributes.active_color
    colors = None
    kinds = (bpy.types.FloatColorAttribute, bpy.types.ByteColorAttribute)
    if isinstance(color, kinds) and color.domain == "POINT":
        colors = _bytes(_read(color.data, "color_srgb", 4))
    if uvs is None or not len(corners):
        return points, vertices[corners], None, colors
    at = np.zeros((len(points), 2), np.float32)
    at[vertices] = uvs
    if (at[vertices] != uvs).any():  # seams: a vertex for each place in the picture
        keys, index = np.unique(
            np.column_stack([vertices, uvs.view(np.int32)]), axis=0, return_inverse=True
        )
        colors = None if colors is None else colors[keys[:, 0]]
        points, at, vertices = points[keys[:, 0]], keys[:, 1:].copy().view(np.float32), index
    return points, np.asarray(vertices).ravel()[corners], at, colors


def _read(
    data: bpy.types.bpy_prop_collection, name: str, size: int, kind: type[np.generic] = np.float32
) -> np.ndarray:
    values = np.empty(len(data) * size, kind)
    data.foreach_get(name, values)
    return values.reshape(-1, size)


def _bytes(rgba: np.ndarray) -> np.ndarray:
    return np.round(rgba[:, :3].clip(0, 1) * 255).astype(np.uint8)
