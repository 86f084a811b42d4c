"""Frames of one camera with other borders: each ray keeps its pixel."""

import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.layers.compose import over, painted_since
from sharpdepth_blender.geometry.layers.frame import (
    add_borders,
    borders_to,
    common_windows,
    seen_in,
    with_borders,
)

FRAME = Intrinsics(51.5, 49.25, 20.3, 11.7, 41, 23)


def test_borders_lead_from_one_frame_to_the_other():
    larger = with_borders(FRAME, (3, 0, 7, 12))
    assert borders_to(FRAME, larger) == (3, 0, 7, 12)
    assert borders_to(larger, FRAME) == (0, 0, 0, 0)
    assert (larger.width, larger.height, larger.cx, larger.cy) == (44, 42, 23.3, 18.7)


def test_borders_of_another_resolution_are_pixels_of_the_one_that_stays():
    half = with_borders(FRAME.resized(20, 12), (4, 1, 0, 2))
    left, right, top, bottom = borders_to(FRAME, half)
    assert (left, right, top, bottom) == (9, 3, 0, 4)  # 4 * 41 / 20 = 8.2 and so on
    assert borders_to(with_borders(FRAME, (left, right, top, bottom)), half) == (0, 0, 0, 0)


def test_a_ray_sees_the_same_pixel_bit_for_bit():
    values = np.random.default_rng(0).random((23, 41, 4), np.float32)
    larger = with_borders(FRAME, (3, 5, 7, 2))
    seen = seen_in(values, FRAME, larger)
    np.testing.assert_array_equal(seen, add_borders(values, (3, 5, 7, 2)))
    np.testing.assert_array_equal(seen_in(seen, larger, FRAME), values)


@pytest.mark.parametrize("borders", [(0, 0, 0, 0), (3, -6, -7, 2), (-41, 5, 4, 0)])
def test_what_two_frames_have_in_common_is_along_the_same_rays(borders):
    other = with_borders(FRAME, borders)
    u, v = np.meshgrid(np.arange(41) - FRAME.cx, np.arange(23) - FRAME.cy)
    x, y = np.meshgrid(np.arange(other.width) - other.cx, np.arange(other.height) - other.cy)
    here, there = common_windows(FRAME, other)
    np.testing.assert_allclose([u[here], v[here]], [x[there], y[there]], atol=1e-6)
    left, right, top, bottom = (min(0, each) for each in borders)
    assert u[here].size == (41 + left + right) * (23 + top + bottom)


def test_between_pixels_it_is_linear():
    u, v = np.meshgrid(np.arange(41) + 0.5, np.arange(23) + 0.5)
    values = np.stack([(u - FRAME.cx) / FRAME.fx, (v - FRAME.cy) / FRAME.fy], -1)
    wanted = Intrinsics(80, 90, 15.2, 8.9, 30, 17)
    seen = seen_in(values, FRAME, wanted)
    u, v = np.meshgrid(np.arange(30) + 0.5, np.arange(17) + 0.5)
    rays = np.stack([(u - wanted.cx) / 80, (v - wanted.cy) / 90], -1)
    np.testing.assert_allclose(seen, rays, atol=1e-6)


def test_outside_there_is_nothing():
    seen = seen_in(np.ones((23, 41, 1), np.float32), FRAME, with_borders(FRAME, (2, 0, 0, 1)))
    assert seen[:, :2].max() == 0 and seen[-1].max() == 0 and seen[:-1, 2:].min() == 1


@pytest.mark.parametrize(
    ("paint", "beneath", "wanted"),
    [
        ((0, 0, 0, 0), (0.3, 0.2, 0.1, 0.5), (0.3, 0.2, 0.1, 0.5)),
        ((2, 0.5, 0, 1), (0.3, 0.2, 0.1, 0.5), (2, 0.5, 0, 1)),
        ((0.25, 0, 0, 0.5), (0, 1, 0, 1), (0.25, 0.5, 0, 1)),
        ((0.25, 0, 0, 0.5), (0, 1, 0, 0), (0.5, 0, 0, 0.5)),
        ((0.25, 0, 0, 0.5), (0, 1, 0, 0.5), (1 / 3, 1 / 3, 0, 0.75)),
        ((0, 0, 0, 0), (0.3, 0.2, 0.1, 0), (0.3, 0.2, 0.1, 0)),
    ],
)
def test_over(paint, beneath, wanted):
    found = over(np.array([paint], "f4"), np.array([beneath], "f4"))
    np.testing.assert_allclose(found, [wanted], atol=1e-6)


def test_what_was_painted_is_what_shows_otherwise():
    before = np.array([[(0.5, 0.5, 0.5, 1), (0.5, 0.5, 0.5, 0), (30, 0, 0, 1)]], np.float32)
    now = before.copy()
    assert not painted_since(before, now, 1e-3).any()
    now[0, 1, 0] = 0.9  # under alpha 0
    now[0, 2, 0] = 30.02  # less than half precision holds
    assert not painted_since(before, now, 1e-3).any()
    now[0, :, 3] = (0.5, 1, 1)
    assert painted_since(before, now, 1e-3).tolist() == [[True, True, False]]
