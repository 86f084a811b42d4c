import numpy as np
import pytest

from sharpdepth_blender.geometry.sky import BEHIND, put_sky_behind

DEPTH = np.array([[900, 7, 3], [0, 20, np.nan]], np.float32)
METRIC = np.array([[800, 8, 3], [40, 5, 6]], np.float32)
SKY = np.array([[0.9, 0.1, 0.0], [0.6, 0.5, 0.2]])


def test_the_sky_is_behind_everything_in_both_maps():
    depth, metric, begins = put_sky_behind(DEPTH, METRIC, SKY)
    assert begins == pytest.approx(1.25 * 20)
    far = np.float32(BEHIND * begins)
    np.testing.assert_array_equal(depth, np.array([[far, 7, 3], [far, 20, np.nan]], np.float32))
    np.testing.assert_array_equal(metric, np.array([[far, 8, 3], [far, 5, 6]], np.float32))
    assert depth.dtype == metric.dtype == np.float32
    assert DEPTH[0, 0] == 900  # the given ones stay


@pytest.mark.parametrize("sky", [np.full((2, 3), 0.4), np.ones((2, 3))], ids=["none", "all"])
def test_without_a_sky_or_anything_before_it_nothing_changes(sky):
    depth, metric, begins = put_sky_behind(DEPTH, METRIC, sky)
    assert begins == 0 and depth is DEPTH and metric is METRIC


def test_a_few_stray_pixels_are_no_sky():
    depth = np.full((40, 50), 3, np.float32)
    sky = np.zeros((40, 50))
    sky[7, 9] = 1
    assert put_sky_behind(depth, depth, sky)[2] == 0
    sky[7, 9:11] = 1
    assert put_sky_behind(depth, depth, sky)[2] == pytest.approx(3.75)
