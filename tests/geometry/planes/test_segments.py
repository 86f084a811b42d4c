"""Straight edges of a picture."""

import numpy as np
import pytest

from sharpdepth_blender.geometry.planes.segments import (
    crossing_groups,
    parallel_pairs,
    straight_segments,
    strips,
)


def test_both_sides_of_a_slanted_bar_are_found():
    v, u = np.mgrid[:240, :320] + 0.5
    aside = (u - 150) - 0.3 * (v - 120)
    gray = 0.2 + 0.6 * np.clip(4 - np.abs(aside), 0, 1)
    found = straight_segments(gray.astype(np.float32))
    assert len(found) >= 2
    for u0, v0, u1, v1 in found:
        for x, y in ((u0, v0), (u1, v1)):
            assert abs(abs(x - 150 - 0.3 * (y - 120)) - 3.5) < 1.2
    bars, halves = parallel_pairs(found, 12)
    assert len(bars) and halves[0] == pytest.approx(3.5 / np.hypot(1, 0.3), abs=0.8)


def test_a_smooth_picture_has_none():
    v, u = np.mgrid[:120, :160] / 160
    assert straight_segments((0.3 + 0.2 * u + 0.1 * v).astype(np.float32)).shape == (0, 4)


def test_strips_hold_the_pixels_along_a_segment():
    line, pixel, along, aside = strips(np.array([[10.0, 20.5, 30.0, 20.5]]), (40, 50), 2)
    assert set(line) == {0} and len(np.unique(pixel)) == len(pixel)
    rows, columns = np.divmod(pixel, 50)
    assert (rows.min(), rows.max()) == (18, 22) and (columns.min(), columns.max()) == (10, 30)
    np.testing.assert_allclose(along, columns + 0.5 - 20)
    np.testing.assert_allclose(aside, rows - 20)


def test_bars_that_cross_are_one_group():
    bars = np.array([(0, 10, 100, 10), (50, 0, 50, 60), (0, 200, 100, 200), (150, 5, 150, 15.0)])
    group = crossing_groups(bars, 5)
    assert group[0] == group[1] and len({*group[[0, 2, 3]].tolist()}) == 3
