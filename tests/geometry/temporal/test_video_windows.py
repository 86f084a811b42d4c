"""Windows of a shot, joined to one scale, and that to meters."""

import numpy as np
import pytest

from sharpdepth_blender.geometry.temporal import (
    depth_of_disparity,
    fit_meters,
    join_windows,
    window_frames,
)


@pytest.mark.parametrize(("count", "windows"), [(1, 1), (22, 1), (23, 2), (44, 2), (45, 3)])
def test_a_window_begins_at_every_22nd_frame(count, windows):
    found = window_frames(count)
    assert len(found) == windows and all(len(each) == 32 for each in found)
    assert {index for each in found for index in each} == set(range(count))


def test_later_windows_begin_with_frames_of_the_one_before():
    first, second, third = window_frames(60)
    assert first == list(range(32))
    assert second == [0, 12, *range(24, 54)]
    assert third == [0, 34, *range(46, 60), *[59] * 16]


@pytest.mark.parametrize("count", [1, 9, 32, 35, 60, 75])
def test_windows_of_any_scale_and_shift_join_to_one(count):
    rng = np.random.default_rng(count)
    truth = rng.uniform(1, 2, (count, 5, 7)).astype(np.float32)
    windows = [truth[each] for each in window_frames(count)]
    windows[1:] = [each * rng.uniform(0.5, 2) + rng.uniform(-0.3, 0.3) for each in windows[1:]]
    joined = [*join_windows(windows, count)]
    assert len(joined) == count
    np.testing.assert_allclose(np.stack(joined), truth, rtol=1e-4)


def test_a_change_between_windows_is_blended_over_eight_frames():
    windows = [np.ones((32, 2, 2), np.float32) for _ in range(2)]
    windows[0][[0, 12], 0] = windows[1][:2, 0] = 3  # by which the windows are fitted
    windows[1][2:] = 2
    joined = np.stack([*join_windows(windows, 54)])[:, 1, 1]
    np.testing.assert_allclose(joined[24:32], 1 + np.linspace(0, 1, 8), rtol=1e-6)
    assert (joined[2:24] == 1).all() and (joined[32:] == 2).all()


def test_disparity_becomes_meters_in_spite_of_what_disagrees():
    """A sixth is off by far, and each frame by a scale of its own."""
    rng = np.random.default_rng(0)
    disparities, depths = [], []
    for number, off in enumerate((1.05, 1 / 1.05)):
        depth = rng.uniform(1 + 9 * number, 10 + 20 * number, 400)
        disparities.append((1 / depth - 0.02) / 0.7)
        depth = depth * off
        depth[:60] *= rng.uniform(2, 4, 60)
        depths.append(depth)
    scale, shift = fit_meters(disparities, depths)
    assert scale == pytest.approx(0.7, rel=0.01) and shift == pytest.approx(0.02, rel=0.03)


def test_what_contradicts_is_told_and_what_is_flat_is_not():
    depth = np.linspace(1, 9, 50)
    assert fit_meters([-1 / depth], [depth]) is None
    assert fit_meters([np.ones(9)], [np.ones(9)]) is None
    assert fit_meters([], []) is None
    noise = np.random.default_rng(0).uniform(1, 1.01, 50)
    scale, shift = fit_meters([noise], [np.full(50, 3.0)])
    np.testing.assert_allclose(1 / (scale * noise + shift), 3, rtol=1e-3)


def test_depth_is_as_large_as_the_picture_and_ends_at_the_farthest():
    disparity = np.array([[0, 1, 2], [2, 3, 4]], np.float32)
    depth = depth_of_disparity(disparity, (0.5, 0.1), 4.0, (5, 3))
    assert depth.shape == (3, 5) and depth.dtype == np.float32
    np.testing.assert_allclose(depth[0, [0, 2, 4]], [4, 1 / 0.6, 1 / 1.1], rtol=1e-6)
    np.testing.assert_allclose(depth[2, 1], 1 / (0.5 * 2.5 + 0.1), rtol=1e-6)
    np.testing.assert_allclose(1 / depth[1], (1 / depth[0] + 1 / depth[2]) / 2, rtol=1e-6)
    assert depth_of_disparity(disparity[:1, :1], (1, 1), 4.0, (1, 1)).tolist() == [[1.0]]
