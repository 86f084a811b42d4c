import struct

import numpy as np
import pytest

from sharpdepth_blender.geometry.point_files import PointFileError, is_colmap, read_colmap
from tests.geometry.point_files.model import HEIGHT, WIDTH, seen, write_binary, write_text

BOTH = pytest.mark.parametrize("write", [write_text, write_binary])


@BOTH
@pytest.mark.parametrize("image", ["plate é.png", "left/plate é.png"])
def test_what_an_image_sees(tmp_path, write, image):
    path = write(tmp_path)
    assert is_colmap(path) and not is_colmap(tmp_path / "images.bin")
    points, inaccurate = read_colmap(path, image, WIDTH, HEIGHT)
    assert inaccurate == 1
    np.testing.assert_allclose(points, seen([7, 11]), rtol=1e-9)


@BOTH
def test_a_picture_of_another_size(tmp_path, write):
    points, _ = read_colmap(write(tmp_path), "plate é.png", WIDTH * 2, HEIGHT * 2)
    np.testing.assert_allclose(points, seen([7, 11]) * (2, 2, 1), rtol=1e-9)
    with pytest.raises(PointFileError, match="proportions") as caught:
        read_colmap(write(tmp_path), "plate é.png", HEIGHT, WIDTH)
    assert caught.value.path.stem == "images"


def test_files_of_both_kinds_go_together(tmp_path):
    write_text(tmp_path)
    path = write_binary(tmp_path)
    (tmp_path / "images.bin").unlink()
    (tmp_path / "cameras.bin").unlink()
    points, _ = read_colmap(path, "plate é.png", WIDTH, HEIGHT)
    np.testing.assert_allclose(points, seen([7, 11]), rtol=1e-9)


@BOTH
def test_an_image_that_is_not_there_or_twice(tmp_path, write):
    path = write(tmp_path)
    with pytest.raises(PointFileError, match="no image of the name other.png.*--colmap-image"):
        read_colmap(path, "other.png", WIDTH, HEIGHT)
    with pytest.raises(PointFileError, match="more than one.*left/twice.jpg, right/twice.jpg"):
        read_colmap(path, "twice.jpg", WIDTH, HEIGHT)
    for name in ("empty.jpg", "right/twice.jpg"):
        points, inaccurate = read_colmap(path, name, WIDTH, HEIGHT)
        assert points.shape == (0, 3) and inaccurate == 0


@pytest.mark.parametrize("name", ["images.txt", "cameras.txt"])
def test_a_file_is_missing(tmp_path, name):
    path = write_text(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(PointFileError, match=f"has no {name} in its folder"):
        read_colmap(path, "plate é.png", WIDTH, HEIGHT)


@pytest.mark.parametrize("name", ["images.bin", "points3D.bin"])
def test_cut_short_anywhere(tmp_path, name):
    path = write_binary(tmp_path)
    data = (tmp_path / name).read_bytes()
    for length in range(len(data)):
        (tmp_path / name).write_bytes(data[:length])
        with pytest.raises(PointFileError, match="cut short") as caught:
            read_colmap(path, "plate é.png", WIDTH, HEIGHT)
        assert caught.value.path == tmp_path / name


@pytest.mark.parametrize(
    "name, text, clause",
    [
        ("images.txt", "", "no image of the name"),
        ("images.txt", "1 1 0 0 0 0 0 0 3 plate é.png\n1 2\n", "damaged"),
        ("images.txt", "1 0 0 0 0 0 0 0 3 plate é.png\n1 2 7\n", "damaged"),
        ("images.txt", "1 1 0 0\n\n", "damaged"),
        ("cameras.txt", "", "no camera 3"),
        ("cameras.txt", "3 PINHOLE 640\n", "damaged"),
        ("cameras.txt", "3 PINHOLE 0 480 1 1 1 1\n", "damaged"),
        ("points3D.txt", "7 0 0 x 1 2 3 0.5\n", "damaged"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, name, text, clause):
    path = write_text(tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(PointFileError, match=clause) as caught:
        read_colmap(path, "plate é.png", WIDTH, HEIGHT)
    assert caught.value.path == tmp_path / name


def test_a_point_that_the_model_lacks_is_nowhere(tmp_path):
    path = write_text(tmp_path)
    path.write_text("")
    points, _ = read_colmap(path, "plate é.png", WIDTH, HEIGHT)
    assert len(points) == 3 and np.isnan(points[:, 2]).all()


def test_a_kind_of_camera_that_is_newer_than_this(tmp_path):
    path = write_binary(tmp_path)
    (tmp_path / "cameras.bin").write_bytes(struct.pack("<QiiQQ", 2, 1, 99, 9, 9))
    with pytest.raises(PointFileError, match="as text"):
        read_colmap(path, "plate é.png", WIDTH, HEIGHT)
