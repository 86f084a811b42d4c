import os
import stat

import numpy as np
import pytest

from sharpdepth_blender.geometry import write_ply


def read_ply(path):
    """Read what `write_ply` writes, by the format's own description."""
    head, body = path.read_bytes().split(b"end_header\n", 1)
    lines = head.decode("ascii").splitlines()
    assert lines[:2] == ["ply", "format binary_little_endian 1.0"]
    counts = {line.split()[1]: int(line.split()[2]) for line in lines if line[:7] == "element"}
    colored = "property uchar red" in lines
    fields = [("p", "<f4", 3)] + [("c", "u1", 3)] * colored
    vertex = np.dtype(fields + [("uv", "<f4", 2)] * ("property float s" in lines))
    vertices = np.frombuffer(body, vertex, counts["vertex"])
    rest = body[vertices.nbytes :]
    count = rest[0] if counts.get("face") else 4
    face = np.dtype([("n", "u1"), ("i", "<i4", count)])
    faces = np.frombuffer(rest, face, counts.get("face", 0))
    assert faces.nbytes == len(rest)
    return vertices, faces


def test_points_colors_and_faces(tmp_path):
    rng = np.random.default_rng(0)
    points = rng.normal(size=(50, 3)).astype(np.float32)
    colors = rng.integers(0, 256, (50, 3), dtype=np.uint8)
    indices = rng.integers(0, 50, (20, 4), dtype=np.int32)
    path = tmp_path / "a.ply"
    write_ply(path, points, colors=colors, faces=indices)
    vertices, faces = read_ply(path)
    np.testing.assert_array_equal(vertices["p"], points)
    np.testing.assert_array_equal(vertices["c"], colors)
    np.testing.assert_array_equal(faces["i"], indices)
    assert (faces["n"] == 4).all()


def test_places_in_a_picture_and_triangles(tmp_path):
    rng = np.random.default_rng(0)
    uvs = rng.random((9, 2)).astype(np.float32)
    faces = rng.integers(0, 9, (5, 3))
    write_ply(tmp_path / "a.ply", rng.random((9, 3)), uvs=uvs, faces=faces)
    vertices, found = read_ply(tmp_path / "a.ply")
    np.testing.assert_array_equal(vertices["uv"], uvs)
    np.testing.assert_array_equal(found["i"], faces)
    assert (found["n"] == 3).all()


def test_points_alone_and_none_at_all(tmp_path):
    path = tmp_path / "a.ply"
    write_ply(path, np.ones((3, 3)))
    assert len(read_ply(path)[0]) == 3
    write_ply(path, np.zeros((0, 3)), faces=np.zeros((0, 4), int))
    assert len(read_ply(path)[0]) == 0


@pytest.mark.parametrize(
    ("points", "more"),
    [
        (np.ones((3, 2)), {}),
        (np.full((3, 3), np.nan), {}),
        (np.ones((3, 3)), {"colors": np.ones((3, 3))}),
        (np.ones((3, 3)), {"colors": np.ones((2, 3), np.uint8)}),
        (np.ones((3, 3)), {"faces": [[0, 1, 2, 3]]}),
        (np.ones((3, 3)), {"faces": [[0, 1, 2, -1]]}),
        (np.ones((3, 3)), {"faces": [[0, 1]]}),
        (np.ones((3, 3)), {"uvs": np.ones((3, 3))}),
    ],
)
def test_bad_arrays_leave_the_old_file(tmp_path, points, more):
    path = tmp_path / "a.ply"
    path.write_text("old")
    with pytest.raises(ValueError):
        write_ply(path, points, **more)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.ply"]


def test_a_full_disk_leaves_the_old_file(tmp_path, full_disk):
    path = tmp_path / "a.ply"
    path.write_text("old")
    with full_disk(10_000):
        with pytest.raises(OSError):
            write_ply(path, np.ones((100_000, 3)))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.ply"]


def test_missing_folder_and_folder_for_a_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"):
        write_ply(tmp_path / "none" / "a.ply", np.ones((3, 3)))
    with pytest.raises(IsADirectoryError, match="is a folder"):
        write_ply(tmp_path, np.ones((3, 3)))
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="permissions and links as POSIX has them")
def test_new_files_have_ordinary_permissions_and_links_are_followed(tmp_path):
    real, link, plain = tmp_path / "real.ply", tmp_path / "link.ply", tmp_path / "plain"
    plain.touch()
    link.symlink_to(real)
    write_ply(link, np.ones((3, 3)))
    assert link.is_symlink() and real.is_file()
    assert stat.S_IMODE(real.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
