"""PLY: points and faces in the binary form that every 3D tool reads."""

import numpy as np

from .replacing import replacing


def write_ply(path, points, *, colors=None, quads=None):
    """Write a binary little-endian PLY file, beside `path` first and then in its place.

    Args:
        path: File to write.
        points: (N, 3) positions, written as float32 in the units and axes given.
        colors: (N, 3) uint8 sRGB, or None.
        quads: (M, 4) indices of points, or None for a point cloud.

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
    vertices = np.empty(len(points), fields)
    vertices["position"] = points
    if colors is not None:
        vertices["color"] = colors

    faces = np.empty(0, [("count", "u1"), ("indices", "<i4", 4)])
    if quads is not None:
        quads = np.asarray(quads)
        if quads.ndim != 2 or quads.shape[1] != 4:
            raise ValueError(f"`quads` must be of shape (M, 4), not {quads.shape}.")
        if quads.size and not 0 <= quads.min() <= quads.max() < len(points):
            raise ValueError("`quads` holds an index that points at no point.")
        faces = np.empty(len(quads), faces.dtype)
        faces["count"] = 4
        faces["indices"] = quads
        header += [f"element face {len(quads)}", "property list uchar int vertex_indices"]
    header += ["end_header", ""]

    with replacing(path) as beside, open(beside, "wb") as file:
        file.write("\n".join(header).encode("ascii"))
        file.write(vertices.data)
        file.write(faces.data)
