import struct

import numpy as np
import pytest

from sharpdepth_blender.geometry import write_ply
from sharpdepth_blender.geometry.point_files import PointFileError, read_ply

POINTS = [[1.5, -2, 3], [4, 5.25, 60], [7, 8, 9]]
VERTICES = """element vertex 3
property uchar red
property double x
property float y
property float z
"""
FACES = "element face 2\nproperty list uchar int vertex_indices\n"


def binary(path, order, elements):
    """Vertices and faces, in the order of `elements`."""
    name = {"<": "little", ">": "big"}[order]
    body = {
        VERTICES: b"".join(struct.pack(order + "Bdff", 200, *point) for point in POINTS),
        FACES: struct.pack(order + "BiiiBiiii", 3, 0, 1, 2, 4, 0, 1, 2, 0),
    }
    head = f"ply\nformat binary_{name}_endian 1.0\ncomment é\n{''.join(elements)}end_header\n"
    path.write_bytes(head.encode() + b"".join(body[each] for each in elements))
    return path


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("elements", [(VERTICES,), (VERTICES, FACES), (FACES, VERTICES)])
def test_binary(tmp_path, order, elements):
    np.testing.assert_array_equal(read_ply(binary(tmp_path / "a.ply", order, elements)), POINTS)


def test_ours(tmp_path):
    write_ply(tmp_path / "a.ply", POINTS, colors=np.zeros((3, 3), np.uint8), faces=[[0, 1, 2]])
    np.testing.assert_array_equal(read_ply(tmp_path / "a.ply"), POINTS)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_ascii_after_other_elements(tmp_path, end):
    text = (
        "ply\nformat ascii 1.0\nelement camera 1\nproperty float f\nelement vertex 2\n"
        "property list uchar int seen\nproperty float x\nproperty float y\nproperty float z\n"
        "element face 0\nend_header\n35\n2 7 8 1 2 3\n0 4 5 nan\n"
    )
    (tmp_path / "a.ply").write_bytes(text.replace("\n", end).encode())
    np.testing.assert_array_equal(read_ply(tmp_path / "a.ply"), [[1, 2, 3], [4, 5, np.nan]])


def test_a_list_among_the_properties_of_a_binary_vertex(tmp_path):
    head = (
        "ply\nformat binary_big_endian 1.0\nelement vertex 2\nproperty list uchar ushort seen\n"
        "property float x\nproperty float y\nproperty float z\nend_header\n"
    )
    body = struct.pack(">BHHfff", 2, 7, 8, 1, 2, 3) + struct.pack(">Bfff", 0, 4, 5, 6)
    (tmp_path / "a.ply").write_bytes(head.encode() + body)
    assert read_ply(tmp_path / "a.ply").tolist() == [[1, 2, 3], [4, 5, 6]]


HEAD = "ply\nformat ascii 1.0\nelement vertex {}\nproperty float x\nproperty float y\n"


@pytest.mark.parametrize(
    "text, clause",
    [
        ("", "is empty"),
        ("no ply", "is no PLY"),
        ("ply\nformat ascii 1.0\nend_header\n", "no vertices"),
        (HEAD.format(1) + "end_header\n1 2\n", "no vertices with x, y and z"),
        (HEAD.format(0) + "property float z\nend_header\n", "holds no points"),
        (HEAD.format(2) + "property float z\nend_header\n1 2 3\n", "damaged"),
        (HEAD.format(1) + "property float z\nend_header\n1 2\n", "damaged"),
        (HEAD.format(1) + "property quad z\nend_header\n1 2 3\n", "damaged"),
        ("ply\nelement vertex 1\nend_header\n", "damaged"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, text, clause):
    (tmp_path / "a.ply").write_text(text)
    with pytest.raises(PointFileError, match=clause):
        read_ply(tmp_path / "a.ply")


def test_cut_short(tmp_path):
    for elements in [(VERTICES,), (FACES, VERTICES)]:
        path = binary(tmp_path / "a.ply", "<", elements)
        path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(PointFileError, match="cut short"):
            read_ply(path)
