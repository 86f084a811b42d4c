"""Mesh: surfaces and points as mesh datablocks."""

from typing import cast

import bpy
import numpy as np

from ..geometry import Surface


def mesh_from_surface(name: str, surface: Surface, smooth: bool = True) -> bpy.types.Mesh:
    """Make a mesh with a UV map from a surface.

    Args:
        name: Name of the new datablock.
        surface: Surface in Blender units, without loose vertices.
        smooth: Whether it is shaded smooth.

    Returns:
        Mesh in camera space.
    """
    mesh = _mesh_of_points(name, surface.vertices)
    count = np.count_nonzero(surface.whole)
    mesh.loops.add(4 * count)
    mesh.polygons.add(count)
    starts = np.arange(0, 4 * count, 4, dtype=np.int32)
    mesh.polygons.foreach_set("loop_start", starts.data)  # whose items Blender reads sooner
    _set(mesh, ".corner_vert", surface.quads)
    _set(mesh, ".corner_edge", surface.edges_of_quads)
    _add_edges(mesh, surface.edges)
    mesh.uv_layers.new(name="UVMap", do_init=False)
    _set(mesh, "UVMap", surface.uvs_of_corners)
    if not smooth:
        mesh.attributes.new("sharp_face", "BOOLEAN", "FACE")
        _set(mesh, "sharp_face", np.ones(count, bool))
    mesh.update()
    return mesh


def mesh_from_points(
    name: str, surface: Surface, colors: np.ndarray, is_linear: bool = False
) -> bpy.types.Mesh:
    """Make a mesh of colored vertices.

    Args:
        name: Name of the new datablock.
        surface: Surface in Blender units, of which only the vertices are used.
        colors: (N, 3) float32 in 0..1, stored as 8-bit sRGB.
        is_linear: Whether the colors are scene-linear rather than sRGB.

    Returns:
        Mesh of loose vertices, with the point attributes "Color" and "UVMap".
    """
    mesh = _mesh_of_points(name, surface.vertices)
    rgba = np.ones((len(colors), 4), np.float32)
    rgba[:, :3] = colors
    color = mesh.color_attributes.new("Color", "BYTE_COLOR", "POINT")
    kind = "color" if is_linear else "color_srgb"
    color.data.foreach_set(kind, rgba.ravel())  # type: ignore[attr-defined]  # of its subclasses
    mesh.color_attributes.active_color = color
    uvs = mesh.attributes.new("UVMap", "FLOAT2", "POINT")
    uvs.data.foreach_set("vector", surface.uvs.ravel())  # type: ignore[attr-defined]  # likewise
    mesh.update()
    return mesh


def add_attribute(mesh: bpy.types.Mesh, name: str, values: np.ndarray) -> None:
    """Add an attribute of the vertices: (N, 3) float32, or (N,) bool."""
    is_flag = values.dtype == bool
    mesh.attributes.new(name, "BOOLEAN" if is_flag else "FLOAT_VECTOR", "POINT")
    _set(mesh, name, values)


def mesh_of(obj: bpy.types.Object) -> bpy.types.Mesh:
    """The mesh of an object that is known to be a mesh object."""
    return cast(bpy.types.Mesh, obj.data)


def _add_edges(mesh: bpy.types.Mesh, edges: np.ndarray) -> None:
    mesh.edges.add(len(edges))
    _set(mesh, ".edge_verts", edges)


def _mesh_of_points(name: str, points: np.ndarray) -> bpy.types.Mesh:
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(points))
    _set(mesh, "position", points)
    return mesh


def _set(mesh: bpy.types.Mesh, attribute: str, values: np.ndarray) -> None:
    """Write an attribute of its own type in one piece; the properties of elements take longer."""
    if not values.size:  # nor is there such an attribute, which comes with the first element
        return
    kind = "vector" if values.dtype == np.float32 else "value"
    mesh.attributes[attribute].data.foreach_set(kind, values.ravel())  # type: ignore[attr-defined]
