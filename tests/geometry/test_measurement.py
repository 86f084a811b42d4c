import numpy as np
import pytest

from sharpdepth_blender.geometry import clean_measurement, fit_measurement


def test_holes_of_every_kind_and_units():
    values = [0, -1, np.nan, np.inf, -np.inf, 1e10, 1e9, 2500, 1e-40]
    depth = clean_measurement(np.array([values]), 0.001)
    assert depth.dtype == np.float32
    np.testing.assert_array_equal(depth[0, :7], 0)
    assert depth[0, 7] == np.float32(2.5) and depth[0, 8] >= 0


def test_whole_numbers_of_files():
    np.testing.assert_array_equal(
        clean_measurement(np.array([[0, 256, 65535]], np.uint16), 1 / 256),
        np.array([[0, 1, 65535 / 256]], np.float32),
    )


def test_the_picture_s_own_size_is_left_alone():
    depth = np.random.default_rng(0).random((7, 5)).astype(np.float32)
    assert fit_measurement(depth, 5, 7) is depth


@pytest.mark.parametrize("factor", [2, 3, 2.6])
def test_a_plane_stays_one_when_it_is_enlarged(factor):
    rows, columns = 20, 30
    height, width = round(rows * factor), round(columns * factor)
    y, x = (np.arange(n) + 0.5 for n in (rows, columns))
    plane = (5 + 0.01 * x[None] * width / columns + 0.02 * y[:, None] * height / rows).astype("f4")
    found = fit_measurement(plane, width, height)
    wanted = 5 + 0.01 * (np.arange(width) + 0.5) + 0.02 * (np.arange(height)[:, None] + 0.5)
    inside = (slice(2, -2), slice(2, -2))  # beyond the outermost middles the edge is repeated
    np.testing.assert_allclose(found[inside], wanted[inside], rtol=1e-5)


def test_no_depth_between_surfaces_or_beside_holes():
    depth = np.full((12, 10), 2, np.float32)
    depth[:, 5:] = 8
    depth[6:, :3] = 0
    found = fit_measurement(depth, 40, 48)
    assert set(np.unique(found)) == {0, 2, 8}
    np.testing.assert_array_equal(found[2::4, 2::4], depth)
    assert (found == 8).mean() == 0.5


def test_no_sparse_sample_is_lost_in_a_smaller_picture():
    depth = np.zeros((60, 90), np.float32)
    depth[::20, ::15] = np.arange(1, 19).reshape(3, 6)
    depth[19, 0] = 99  # of two in one pixel the nearer one to its middle stays
    found = fit_measurement(depth, 30, 20)
    assert sorted(found[found > 0]) == [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
                                        99]  # fmt: skip
    assert found[6, 0] == 99


@pytest.mark.parametrize(
    ("shape", "size"), [((48, 71), (72, 48)), ((48, 48), (72, 48)), ((72, 48), (72, 48))]
)
def test_other_proportions_are_refused(shape, size):
    with pytest.raises(ValueError, match="proportions"):
        fit_measurement(np.ones(shape, np.float32), *size)


@pytest.mark.parametrize(
    ("shape", "size"), [((192, 256), (4032, 3024)), ((32, 47), (1000, 667)), ((97, 31), (62, 194))]
)
def test_rounded_sides_are_no_other_proportions(shape, size):
    found = fit_measurement(np.ones(shape, np.float32), *size)
    assert found.shape == size[::-1] and (found == 1).all()
