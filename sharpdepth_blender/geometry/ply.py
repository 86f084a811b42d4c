"""PLY: points and faces in the binary form that every 3D tool reads."""

import os

import numpy as np

from ..files import atomic_write


def write_ply(
    path: str | os.PathLike[str],
    points: np.ndarray,
    *,
    colors: np.ndarray | None = None,
    uvs: np.ndarray | None = None,
    faces: np.ndarray | None = None,
) -> None:
    """Write a binary little-endian PLY file, beside `path` first and then in its place.

    Args:
        path: File to write.
        points: (N, 3) positions, written as float32 in the units and axes given.
        colors: (N, 3) uint8 sRGB, or None.
        uvs: (N, 2) places in a picture, 0..1 with v upwards, or None.
        faces: (M, 3) or (M, 4) indices of points, or None for a point cloud.

    Raises:
        ValueError: An array has another shape, a position is not finite, or an index points at no
            point.
        OSError: The file cannot be written.
    """
    points = np.asarray(points, np.float32)
    if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
        raise ValueError(f"`points` must be (N, 3) finite numbers, not of shape {points.shape}.")
    fields = [("position", "<f4", 3)]
    header = ["ply", "format binary_little_endian 1.0", f"element vertex {len(points)}"]
    header += [f"property float {axis}" for axis in "xyz"]
    if colors is not None:
        colors = np.asarray(colors)
        if colors.shape != points.shape or colors.dtype != np.uint8:
            raise ValueError(f"`colors` must be uint8 of shape {points.shape}.")
        fields += [("color", "u1", 3)]
        header += [f"property uchar {channel}" for channel in ("red", "green", "blue")]
    if uvs is not None:
        uvs = np.asarray(uvs, np.float32)
        if uvs.shape != (len(points), 2):
            raise ValueError(f"`uvs` must be of shape {(len(points), 2)}, not {uvs.shape}.")
        fields += [("uv", "<f4", 2)]
        header += [f"property float {axis}" for axis in "st"]
    vertices = np.empty(len(points), fields)
    vertices["position"] = points
    if colors is not None:
        vertices["color"] = colors
    if uvs is not None:
        vertices["uv"] = uvs

    polygons = np.empty(0)
    if faces is not None:
        faces = np.asarray(faces)
        if faces.ndim != 2 or faces.shape[1] not in (3, 4):
            raise ValueError(f"`faces` must be of shape (M, 3) or (M, 4), not {faces.shape}.")
        if faces.size and not 0 <= faces.min() <= faces.max() < len(points):
            raise ValueError("`faces` holds an index that points at no point.")
        corners = faces.shape[1]
        polygons = np.empty(len(faces), [("count", "u1"), ("indices", "<i4", corners)])
        polygons["count"] = corners
        polygons["indices"] = faces
        header += [f"element face {len(faces)}", "property list uchar int vertex_indices"]
    header += ["end_header", ""]

    with atomic_write(path) as beside, open(beside, "wb") as file:
        file.write("\n".join(header).encode("ascii"))
        file.write(vertices.data)
        file.write(polygons.data)
