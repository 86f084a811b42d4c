"""Straight edges of a picture."""

import numpy as np
import pytest

from sharpdepth_blender.geometry.planes.segments import (
    crossing_groups,
    parallel_pairs,
    straight_segments,
    strips,
    whole_lines,
)


def colored(gray):
    return np.repeat(gray[..., None], 3, axis=2).astype(np.float32)


def test_both_sides_of_a_slanted_bar_are_found():
    v, u = np.mgrid[:240, :320] + 0.5
    aside = (u - 150) - 0.3 * (v - 120)
    gray = 0.2 + 0.6 * np.clip(4 - np.abs(aside), 0, 1)
    found, _ = straight_segments(colored(gray))
    assert len(found) >= 2
    for u0, v0, u1, v1 in found:
        for x, y in ((u0, v0), (u1, v1)):
            assert abs(abs(x - 150 - 0.3 * (y - 120)) - 3.5) < 1.2
    bars, halves = parallel_pairs(found, 12)
    assert len(bars) and halves[0] == pytest.approx(3.5 / np.hypot(1, 0.3), abs=0.8)


def test_a_smooth_picture_has_none():
    v, u = np.mgrid[:120, :160] / 160
    found, lines = straight_segments(colored(0.3 + 0.2 * u + 0.1 * v))
    assert found.shape == (0, 4) and lines.shape == (0,)


def test_grain_has_none():
    gray = np.random.default_rng(2).normal(0.5, 0.05, (150, 211))
    assert len(straight_segments(colored(gray))[0]) == 0


def test_an_edge_of_color_alone_is_found_to_a_third_of_a_pixel():
    v, u = np.mgrid[:173, :251] + 0.5
    share = np.clip(0.5 + (v - 60 - 0.21 * u) / np.hypot(1, 0.21), 0, 1)[..., None]
    red, blue = np.array([0.6, 0.3, 0.3]), np.array([0.3, 0.3, 0.6])  # of one gray
    found, _ = straight_segments((red + share * (blue - red)).astype(np.float32))
    assert len(found) == 1
    u0, v0, u1, v1 = found[0]
    assert abs(u1 - u0) > 235
    for x, y in ((u0, v0), (u1, v1)):
        assert abs(y - 60 - 0.21 * x) < 0.35


def test_what_stands_before_an_edge_parts_it_but_it_stays_one_line():
    v, u = np.mgrid[:160, :300] + 0.5
    gray = np.where(v < 80, 0.2, 0.7)
    gray = np.where(np.abs(u - 150) < 15, 0.95, gray)  # a post
    found, lines = straight_segments(colored(gray))
    level = np.abs(found[:, 1] - found[:, 3]) < 1
    assert len(set(lines[level].tolist())) == 1 and level.sum() == 2
    left, right = np.sort(found[level][:, ::2], axis=None).reshape(2, 2)
    assert left[1] < 136 and right[0] > 164
    (whole,) = whole_lines(found[level], np.zeros(2, int))
    assert abs(whole[2] - whole[0]) > 285
    assert (~level).sum() >= 2  # the post's own sides


def test_large_pictures_have_their_edges_in_their_own_pixels():
    v = np.mgrid[:1500, :2100][0] + 0.5
    found, _ = straight_segments(colored(np.where(v < 700, 0.2, 0.7)))
    assert len(found) == 1
    np.testing.assert_allclose(found[0, 1::2], 700, atol=1)
    assert abs(found[0, 2] - found[0, 0]) > 2050


def test_strips_hold_the_pixels_along_a_segment():
    line, pixel, along, aside = strips(np.array([[10.0, 20.5, 30.0, 20.5]]), (40, 50), 2)
    assert set(line) == {0} and len(np.unique(pixel)) == len(pixel)
    rows, columns = np.divmod(pixel, 50)
    assert (rows.min(), rows.max()) == (18, 22) and (columns.min(), columns.max()) == (9, 30)
    np.testing.assert_allclose(along, columns + 0.5 - 20)
    np.testing.assert_allclose(aside, rows - 20)


@pytest.mark.parametrize("half", [0.5, 4])
def test_strips_pass_no_pixel_over_and_hold_none_twice(half):
    random = np.random.default_rng(5)
    segments = random.uniform((-20, -20, -20, -20), (90, 70, 90, 70), (60, 4))
    segments[0] = (30, 20, 30, 20)  # a point
    segment, pixel, _, aside = strips(segments, (50, 70), half)
    v, u = np.mgrid[:50, :70] + 0.5
    for number, (u0, v0, u1, v1) in enumerate(segments[1:], 1):
        way = np.array([u1 - u0, v1 - v0]) / np.hypot(u1 - u0, v1 - v0)
        along = (u - (u0 + u1) / 2) * way[0] + (v - (v0 + v1) / 2) * way[1]
        off = (v - v0) * way[0] - (u - u0) * way[1]
        near = (np.abs(off) <= half + 0.5) & (np.abs(along) <= np.hypot(u1 - u0, v1 - v0) / 2 + 0.5)
        own = segment == number
        assert sorted(pixel[own].tolist()) == np.flatnonzero(near).tolist()
        np.testing.assert_allclose(aside[own], off.ravel()[pixel[own]], atol=1e-9)


def test_bars_that_cross_are_one_group():
    bars = np.array([(0, 10, 100, 10), (50, 0, 50, 60), (0, 200, 100, 200), (150, 5, 150, 15.0)])
    group = crossing_groups(bars, 5)
    assert group[0] == group[1] and len({*group[[0, 2, 3]].tolist()}) == 3
