import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import DepthFileError, read_metric_points
from tests.geometry.point_files import model

CAMERA = Intrinsics(50, 50, 32, 20, 64, 40)


def write(path, text):
    path.write_text(text)
    return path


def test_x_y_z_in_another_unit(tmp_path):
    path = write(tmp_path / "é.csv", "x,y,z\n0,0,400\n100,-50,500\n0,0,-3\n900,0,100\nnan,0,1\n")
    points, notes = read_metric_points(path, 64, 40, intrinsics=CAMERA, scale=0.01)
    np.testing.assert_allclose(points, [[32, 20, 4], [42, 15, 5]])
    assert notes == [
        "2 measured points were used.",
        "3 points behind the camera, outside the picture or without depth were left out.",
    ]
    with pytest.raises(DepthFileError, match="é.csv has points in x, y, z.*--intrinsics"):
        read_metric_points(path, 64, 40)


def test_pixels_need_no_camera(tmp_path):
    path = write(tmp_path / "a.txt", "10 20 3\n")
    points, notes = read_metric_points(path, 64, 40, points_are="pixels", scale=2)
    assert points.tolist() == [[10, 20, 6]] and len(notes) == 1
    with pytest.raises(DepthFileError, match="--points-are"):
        read_metric_points(path, 64, 40)


def test_ply(tmp_path):
    head = "ply\nformat ascii 1.0\nelement vertex 1\n" + "".join(
        f"property float {axis}\n" for axis in "xyz"
    )
    path = write(tmp_path / "a.PLY", head + "end_header\n0 0 4\n")
    points, _ = read_metric_points(path, 64, 40, intrinsics=CAMERA)
    assert points.tolist() == [[32, 20, 4]]


@pytest.mark.parametrize("make", [model.write_text, model.write_binary])
def test_a_colmap_model(tmp_path, make):
    path = make(tmp_path)
    points, notes = read_metric_points(
        path, model.WIDTH, model.HEIGHT, image="plate é.png", scale=3
    )
    wanted = model.seen([7, 11]) * (1, 1, 3)
    np.testing.assert_allclose(points, wanted, rtol=1e-9)
    assert notes == [
        "2 measured points were used.",
        "A unit of the COLMAP model was taken for 3 m.",
        "1 points with a reprojection error of more than 4 pixels were left out.",
    ]
    with pytest.raises(DepthFileError, match="images.*no image of the name a.png"):
        read_metric_points(path, 64, 40, image="a.png")


@pytest.mark.parametrize("text", ["u,v,depth\n64,1,2\n", "u,v,depth\n1,1,0\n", "u,v,z\n1,1,nan\n"])
def test_a_picture_that_shows_none(tmp_path, text):
    with pytest.raises(DepthFileError, match="no point that the picture shows"):
        read_metric_points(write(tmp_path / "a.csv", text), 64, 40)


def test_another_binary_file(tmp_path):
    with pytest.raises(DepthFileError, match="should be points3D.bin"):
        read_metric_points(write(tmp_path / "cloud.bin", ""), 64, 40)
