"""A small COLMAP model with a known camera, as text and as binary files."""

import struct

import numpy as np

WIDTH, HEIGHT, FOCAL = 640, 480, 500.0
ROTATION = np.array([0.9, 0.1, -0.3, 0.2])  # w, x, y, z; not of unit length
TRANSLATION = np.array([0.5, -0.25, 2.0])
# x, y, z in the world, and reprojection error.
WORLD = {7: (0, 0, 4, 0.5), 11: (1, 0.5, 6, 3.9), 12: (-1, 0, 5, 4.1), 13: (0.3, 0.2, 9, 1)}
NOT_FOUND = -1


def rotation_matrix():
    w, x, y, z = ROTATION / np.linalg.norm(ROTATION)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def seen(numbers):
    """(u, v, z) of points of the world, in the camera's own pixels."""
    inside = np.array([WORLD[each][:3] for each in numbers]) @ rotation_matrix().T + TRANSLATION
    x, y, z = inside.T
    return np.stack([FOCAL * x / z + WIDTH / 2, FOCAL * y / z + HEIGHT / 2, z], axis=-1)


def images(name):
    """(name, [(u, v, point)]) of each image; the middle one is the meant one."""
    u, v, _ = seen([7, 11, 12]).T
    found = [(1.0, 2.0, NOT_FOUND), *zip(u, v, (7, 11, 12), strict=True)]
    return [("empty.jpg", []), (name, found), ("left/twice.jpg", []), ("right/twice.jpg", [])]


def write_text(folder, name="left/plate é.png"):
    """Write it; the path of its points."""
    pose = " ".join(map(str, [*ROTATION, *TRANSLATION]))
    lines = ["# IMAGE_ID, QW, QX, QY, QZ, TX, TY, TZ, CAMERA_ID, NAME"]
    for number, (each, found) in enumerate(images(name), 1):
        lines += [f"{number} {pose} 3 {each}", " ".join(f"{u} {v} {n}" for u, v, n in found)]
    (folder / "images.txt").write_text("\n".join(lines) + "\n")
    (folder / "cameras.txt").write_text(
        "# CAMERA_ID, MODEL, WIDTH, HEIGHT, PARAMS[]\n1 PINHOLE 9 9 1 1 1 1\n"
        f"3 SIMPLE_RADIAL {WIDTH} {HEIGHT} {FOCAL} {WIDTH / 2} {HEIGHT / 2} 0.0\n"
    )
    lines = ["# POINT3D_ID, X, Y, Z, R, G, B, ERROR, TRACK[] as (IMAGE_ID, POINT2D_IDX)"]
    for number, (x, y, z, error) in WORLD.items():
        lines.append(f"{number} {x} {y} {z} 10 20 30 {error} 1 0 2 1")
    (folder / "points3D.txt").write_text("\n".join(lines) + "\n")
    return folder / "points3D.txt"


def write_binary(folder, name="left/plate é.png"):
    """Write it; the path of its points."""
    data = struct.pack("<Q", len(images(name)))
    for number, (each, found) in enumerate(images(name), 1):
        data += struct.pack("<i7di", number, *ROTATION, *TRANSLATION, 3)
        data += each.encode() + b"\0" + struct.pack("<Q", len(found))
        data += b"".join(struct.pack("<ddq", *place) for place in found)
    (folder / "images.bin").write_bytes(data)
    (folder / "cameras.bin").write_bytes(
        struct.pack("<QiiQQ4d", 2, 1, 1, 9, 9, 1, 1, 1, 1)
        + struct.pack("<iiQQ4d", 3, 2, WIDTH, HEIGHT, FOCAL, WIDTH / 2, HEIGHT / 2, 0)
    )
    data = struct.pack("<Q", len(WORLD))
    for number, (x, y, z, error) in WORLD.items():
        data += struct.pack("<Q3d3BdQ4i", number, x, y, z, 10, 20, 30, error, 2, 1, 0, 2, 1)
    (folder / "points3D.bin").write_bytes(data)
    return folder / "points3D.bin"
