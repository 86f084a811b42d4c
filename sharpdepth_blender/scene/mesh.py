"""Mesh: surfaces and points as Blender mesh datablocks, in Blender units."""

import bpy
import numpy as np


def mesh_from_surface(name, surface, units_per_metre):
    """Make a smooth mesh with a UV map from a surface.

    Args:
        name: Name of the new datablock.
        surface: geometry.Surface, metres.
        units_per_metre: Blender units in one metre.

    Returns:
        Mesh without loose vertices, in camera space.
    """
    surface = surface.without_loose()
    quads = surface.quads
    mesh = _mesh_of_points(name, surface.vertices, units_per_metre)
    mesh.loops.add(quads.size)
    mesh.loops.foreach_set("vertex_index", quads.ravel())
    mesh.polygons.add(len(quads))
    mesh.polygons.foreach_set("loop_start", np.arange(0, quads.size, 4, dtype=np.int32))
    mesh.update(calc_edges=True)
    uvs = mesh.uv_layers.new(name="UVMap")
    uvs.uv.foreach_set("vector", surface.uvs[quads.ravel()].ravel())
    mesh.shade_smooth()
    mesh.validate(clean_customdata=False)
    return mesh


def mesh_from_points(name, points, colors, units_per_metre):
    """Make a mesh of coloured vertices.

    Args:
        name: Name of the new datablock.
        points: (N, 3) metres.
        colors: (N, 3) uint8 sRGB, kept exactly in the point attribute "Color".
        units_per_metre: Blender units in one metre.

    Returns:
        Mesh of loose vertices.
    """
    mesh = _mesh_of_points(name, points, units_per_metre)
    rgba = np.ones((len(points), 4), np.float32)
    rgba[:, :3] = colors.astype(np.float32) / 255
    color = mesh.color_attributes.new("Color", "BYTE_COLOR", "POINT")
    color.data.foreach_set("color_srgb", rgba.ravel())
    mesh.color_attributes.active_color = color
    mesh.update()
    return mesh


def _mesh_of_points(name, points, units_per_metre):
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(points))
    mesh.vertices.foreach_set("co", (points * np.float32(units_per_metre)).ravel())
    return mesh
