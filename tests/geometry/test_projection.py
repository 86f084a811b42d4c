import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics, project, unproject


def random_intrinsics(rng):
    width, height = (int(n) for n in rng.integers(1, 90, 2))
    fx, fy = rng.uniform(5, 300, 2)
    cx, cy = rng.uniform(-0.5, 1.5, 2) * (width, height)
    return Intrinsics(fx, fy, cx, cy, width, height)


def test_axes():
    camera = Intrinsics(2, 2, 1, 1, 2, 2)
    points = unproject(np.full((2, 2), 4.0), camera)
    assert points.dtype == np.float32
    np.testing.assert_array_equal(points[0, 0], [-1, 1, -4])  # top left: left, up, ahead
    np.testing.assert_array_equal(points[1, 1], [1, -1, -4])


@pytest.mark.parametrize("seed", range(30))
def test_project_inverts_unproject(seed):
    rng = np.random.default_rng(seed)
    camera = random_intrinsics(rng)
    depth = rng.uniform(0.01, 5000, (camera.height, camera.width))
    pixels = project(unproject(depth, camera), camera)
    v, u = np.mgrid[: camera.height, : camera.width] + 0.5
    np.testing.assert_allclose(pixels, np.stack([u, v], -1), atol=1e-3)


def test_holes_are_nan():
    depth = np.array([[1, 0, -1], [np.nan, np.inf, 2]], np.float32)
    points = unproject(depth, Intrinsics(1, 1, 1, 1, 3, 2))
    np.testing.assert_array_equal(
        np.isfinite(points).all(-1), [[True, False, False], [False, False, True]]
    )


def test_points_behind_the_camera_have_no_pixel():
    camera = Intrinsics(1, 1, 1, 1, 2, 2)
    assert np.isnan(project([[0, 0, 1], [0, 0, 0]], camera)).all()
    assert project(np.zeros((0, 3)), camera).shape == (0, 2)


def test_sizes_must_agree():
    with pytest.raises(ValueError, match="3 x 2 pixels"):
        unproject(np.ones((3, 2)), Intrinsics(1, 1, 1, 1, 3, 2))
