"""Planes that go on behind what is before them, on a grid of other samples than that has."""

import numpy as np
import pytest

from sharpdepth_blender.geometry.layers.relief import behind, depth_at

STEP = 2
ROWS, COLUMNS = np.indices((60, 128))
FLOOR = 0.2 + 0.001 * ROWS + 0.0005 * COLUMNS  # 1/z
MIDDLES = np.arange(30) * STEP + 0.5, np.arange(64) * STEP + 0.5


def at_samples(disparity):
    """As a farther layer has them: 1/z of the same planes in the middle of its blocks."""
    return (1 / depth_at(1 / disparity, *MIDDLES)).astype(np.float32)


def test_on_a_plane_they_stay_exact():
    planes = at_samples(FLOOR)
    np.testing.assert_allclose(behind(planes, 1 / FLOOR, STEP), planes, rtol=1e-5)


@pytest.mark.parametrize("drop", [0.03, 0.12, 0.5])
def test_at_a_step_they_are_behind_all_that_is_about_it(drop):
    """Both layers have it, but their surfaces go down it between samples of their own."""
    before = FLOOR * np.where(COLUMNS < 51, 1, 1 - drop)
    planes = at_samples(FLOOR * np.where(COLUMNS < 54, 1, 1 - drop))
    found = behind(planes, (1 / before).astype(np.float32), STEP)
    lower = at_samples((1 - drop) * FLOOR)
    near = np.abs(MIDDLES[1] - 51) <= 3
    assert (planes > lower * (1 + drop / 3))[:, near].any()
    assert (found <= lower * 1.001)[:, near].all()
    assert (found > lower * 0.9)[:, near].all()  # and not far behind it
    away = np.abs(MIDDLES[1] - 51) > 13
    np.testing.assert_allclose(found[:, away], planes[:, away], rtol=1e-5)


def test_beside_another_thing_they_stay_exact():
    leg = np.where(np.abs(COLUMNS - 60) < 4, 0.9, FLOOR)
    planes = at_samples(FLOOR)
    np.testing.assert_allclose(behind(planes, 1 / leg, STEP), planes, rtol=1e-5)


def test_what_is_before_them_in_part_holds_them_there_alone():
    there = (COLUMNS > 40) & (ROWS < 30)
    before = np.where(there, 1 / (0.8 * FLOOR), 0)
    planes = at_samples(FLOOR)
    found = behind(planes, before.astype(np.float32), STEP)
    touched = there[::2, ::2] | there[1::2, 1::2] | there[1::2, ::2] | there[::2, 1::2]
    np.testing.assert_allclose(found[touched], 0.8 * planes[touched], rtol=0.01)
    np.testing.assert_array_equal(found[~touched], planes[~touched])


def test_a_relief_between_its_samples_is_as_deep_as_its_planes():
    depth = (1 / FLOOR).astype(np.float32)
    rows, columns = np.array([-1.0, 3.25, 58.5]), np.array([0.0, 10.75, 126.9])
    true = 1 / (0.2 + 0.001 * rows[:, None] + 0.0005 * columns)
    np.testing.assert_allclose(depth_at(depth, rows, columns), true, rtol=1e-5)
    depth[3] = 0
    assert (depth_at(depth, rows, columns) > 0).tolist() == [[True] * 3, [False] * 3, [True] * 3]
