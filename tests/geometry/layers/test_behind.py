"""Planes that go on behind what is before them, on a grid of other samples than that has."""

import numpy as np

from sharpdepth_blender.geometry.layers.relief import behind, sample_places

SHAPE, STEP = (60, 121), 2
ROWS, COLUMNS = np.indices(SHAPE)
FLOOR = 0.2 + 0.001 * ROWS + 0.0005 * COLUMNS  # 1/z
PLACES = sample_places(60, 0, 0, STEP), sample_places(121, 3, 4, STEP)


def planes_of(disparity):
    """As a farther layer has them: its samples are those of the same planes."""
    rows, columns = (
        np.clip(np.rint(each).astype(int), 0, n - 1) for each, n in zip(PLACES, SHAPE, strict=True)
    )
    return disparity[np.ix_(rows, columns)].astype(np.float32)


def test_on_a_plane_they_stay_exact():
    planes = planes_of(FLOOR)
    np.testing.assert_allclose(behind(planes, 1 / FLOOR, PLACES, STEP), planes, rtol=1e-5)


def test_at_a_small_step_they_are_behind_all_that_is_about_it():
    """Both layers have it, but their surfaces go down it between samples of their own."""
    before = FLOOR * np.where(COLUMNS < 50, 1, 0.97)
    planes = planes_of(FLOOR * np.where(COLUMNS < 52, 1, 0.97))
    found = behind(planes, (1 / before).astype(np.float32), PLACES, STEP)
    lower = planes_of(0.97 * FLOOR)
    near = np.abs(PLACES[1] - 51) <= 3
    assert (planes > lower + 5e-3)[:, near].any()
    assert (found <= lower + 2e-4)[:, near].all()
    away = (np.abs(PLACES[1] - 51) > 13) & (PLACES[1] > 0)
    np.testing.assert_allclose(found[:, away], planes[:, away], rtol=1e-5)


def test_beside_another_thing_they_stay_exact():
    leg = np.where(np.abs(COLUMNS - 60) < 4, 0.9, FLOOR)
    planes = planes_of(FLOOR)
    np.testing.assert_allclose(behind(planes, 1 / leg, PLACES, STEP), planes, rtol=1e-5)
