import numpy as np

from sharpdepth_blender.geometry import Intrinsics, project
from sharpdepth_blender.geometry.point_files import pixels_of, seen_in

CAMERA = Intrinsics(50, 60, 31, 19, 64, 40)


def test_x_y_z_as_the_camera_shows_them():
    rng = np.random.default_rng(0)
    points = rng.uniform((-3, -3, -1), (3, 3, 5), (200, 3))
    found = pixels_of(points, CAMERA)
    np.testing.assert_array_equal(found[:, 2], points[:, 2])
    # Blender's camera space has y up and looks along -z.
    np.testing.assert_allclose(found[:, :2], project(points * (1, -1, -1), CAMERA))
    seen = seen_in(found, 64, 40)
    assert 0 < seen.sum() < 200 and (points[seen, 2] > 0).all()


def test_the_picture_s_edges_and_values_that_are_none():
    points = np.array(
        [[0, 0, 1], [63.9, 39.9, 1], [64, 1, 1], [1, 40, 1], [-0.1, 1, 1], [1, 1, 0], [1, 1, -1],
         [1, 1, np.nan], [1, 1, np.inf], [np.nan, 1, 1]]
    )  # fmt: skip
    assert seen_in(points, 64, 40).tolist() == [True, True] + [False] * 8
