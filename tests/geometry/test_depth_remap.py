import numpy as np

from sharpdepth_blender.geometry import DepthRemap, shape_depth

SHARP = np.array([[2, 4, 8, 0]], np.float32)
METRIC = np.array([[1, 5, 8, 8]], np.float32)


def test_sharpness_mixes_both_maps_and_meets_them_exactly():
    rng = np.random.default_rng(0)
    sharp, metric = rng.uniform(0.1, 90, (2, 40, 50)).astype(np.float32)
    np.testing.assert_array_equal(shape_depth(sharp, metric, DepthRemap(sharpness=1)), sharp)
    np.testing.assert_array_equal(shape_depth(sharp, metric, DepthRemap(sharpness=0)), metric)
    middle = shape_depth(sharp, metric, DepthRemap(sharpness=0.5))
    np.testing.assert_allclose(middle, (sharp + metric) / 2, rtol=1e-6)


def test_a_hole_in_either_map_is_a_hole():
    holed = np.array([[np.nan, np.inf, -1, 8]], np.float32)
    np.testing.assert_array_equal(shape_depth(SHARP, holed, DepthRemap()), [[0, 0, 0, 0]])
    np.testing.assert_array_equal(shape_depth(SHARP, METRIC, DepthRemap(sharpness=0))[0, 3], 0)


def test_units_scale_and_offset():
    shaped = shape_depth(SHARP, METRIC, DepthRemap(scale=3, units_per_meter=100, offset=-700))
    np.testing.assert_array_equal(shaped, [[0, 500, 1700, 0]])  # 600 - 700 is behind the camera


def test_near_and_far():
    np.testing.assert_array_equal(
        shape_depth(SHARP, METRIC, DepthRemap(near=2.5, far=4)), [[0, 4, 0, 0]]
    )
    np.testing.assert_array_equal(
        shape_depth(SHARP, METRIC, DepthRemap(far=3, backdrop=50)), [[2, 50, 50, 0]]
    )
    np.testing.assert_array_equal(shape_depth(SHARP, METRIC, DepthRemap(backdrop=50)), SHARP)
