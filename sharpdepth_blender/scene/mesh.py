"""Mesh: surfaces and points as mesh datablocks."""

from typing import cast

import bpy
import numpy as np

from ..geometry import Surface


def mesh_from_surface(name: str, surface: Surface, smooth: bool = True) -> bpy.types.Mesh:
    """Make a mesh with a UV map from a surface.

    Args:
        name: Name of the new datablock.
        surface: Surface in Blender units.
        smooth: Whether it is shaded smooth.

    Returns:
        Mesh in camera space, without loose vertices.
    """
    surface = surface.without_loose()
    quads = surface.quads
    mesh = _mesh_of_points(name, surface.vertices)
    mesh.loops.add(quads.size)
    mesh.loops.foreach_set("vertex_index", quads.ravel())
    mesh.polygons.add(len(quads))
    mesh.polygons.foreach_set("loop_start", np.arange(0, quads.size, 4, dtype=np.int32))
    mesh.update(calc_edges=True)
    uvs = mesh.uv_layers.new(name="UVMap")
    uvs.uv.foreach_set("vector", surface.uvs[quads.ravel()].ravel())
    mesh.shade_smooth() if smooth else mesh.shade_flat()
    mesh.validate(clean_customdata=False)
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


def mesh_of(obj: bpy.types.Object) -> bpy.types.Mesh:
    """The mesh of an object that is known to be a mesh object."""
    return cast(bpy.types.Mesh, obj.data)


def _mesh_of_points(name: str, points: np.ndarray) -> bpy.types.Mesh:
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(points))
    mesh.vertices.foreach_set("co", points.ravel())
    return mesh
