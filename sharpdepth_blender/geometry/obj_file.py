"""OBJ: triangles with places in a picture, as text that every 3D program reads."""

import os

import numpy as np

from ..files import atomic_write


def write_obj(
    path: str | os.PathLike[str], points: np.ndarray, uvs: np.ndarray, triangles: np.ndarray
) -> None:
    """Write triangles, beside `path` first and then in its place.

    Args:
        path: File to write, ending in .obj.
        points: (N, 3) in the units and axes given.
        uvs: (N, 2), u to the right and v upwards.
        triangles: (M, 3) indices of both.

    Raises:
        OSError: The file cannot be written.
    """
    corners = np.repeat(triangles + 1, 2, axis=1)
    with atomic_write(path) as beside, open(beside, "w", encoding="ascii", newline="\n") as file:
        np.savetxt(file, points, "v %.7g %.7g %.7g")
        np.savetxt(file, uvs, "vt %.7g %.7g")
        np.savetxt(file, corners, "f %d/%d %d/%d %d/%d")
