import numpy as np
import pytest

from training.datasets.disparity import depth_from_disparity


def test_a_plane_at_five_meters():
    # A point 5 m away moves by 1000 px * 0.25 m / 5 m = 50 px between the two pictures.
    depth = depth_from_disparity(np.full((3, 5), 50, np.float32), 1000.0, 0.25, 200.0)
    assert depth.shape == (3, 5) and depth.dtype == np.float32
    np.testing.assert_array_equal(depth, 5)


def test_a_slanted_plane_is_linear_in_disparity():
    x = np.arange(1, 8)
    depth = depth_from_disparity(2.0 * x[None], 400.0, 0.1, 200.0)
    np.testing.assert_allclose(depth[0], 20 / x, rtol=1e-6)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.float16])
def test_what_is_far_and_what_is_not_known(kind):
    disparity = np.array([[0, 1e-7, 0.5, np.nan, -1, np.inf]], kind)
    with np.errstate(all="raise"):
        depth = depth_from_disparity(disparity, 200.0, 0.5, 200.0)
    np.testing.assert_array_equal(depth, [[200, 200, 200, 0, 0, 0]])


def test_whole_numbers():
    depth = depth_from_disparity(np.array([[0, 4, 100]], np.uint16), 100.0, 1.0, 60.0)
    np.testing.assert_array_equal(depth, [[60, 25, 1]])
