"""Points seen from aside: where they belong, the nearest in front."""

import numpy as np
import pytest

from training.report.cloud import BACKGROUND, middle, view_from_aside

CAMERA = (50.0, 50.0, 32.0, 24.0)


def gray(height, width, value):
    return np.full((height, width, 3), value, np.uint8)


def test_the_point_that_the_view_turns_about_stays():
    rgb, depth = gray(48, 64, 200), np.full((48, 64), np.nan)
    depth[24, 32] = 3.0
    image = view_from_aside(rgb, depth, CAMERA, pivot=3.0)
    rows, columns = np.nonzero(image[..., 0] == 200)
    assert set(rows) <= {23, 24, 25} and set(columns) <= {31, 32, 33} and len(rows) == 4


def test_a_nearer_point_moves_aside_and_hides():
    rgb, depth = gray(48, 64, 90), np.full((48, 64), 6.0)
    rgb[20:28, 28:36], depth[20:28, 28:36] = 250, 3.0
    image = view_from_aside(rgb, depth, CAMERA, pivot=6.0)
    rows, columns = np.nonzero(image[..., 0] == 250)
    assert abs(columns.mean() - 31.5) > 4
    # Nothing of the wall shows through the box.
    within = image[rows.min() + 1 : rows.max(), columns.min() + 1 : columns.max(), 0]
    assert within.size > 20 and (within == 250).all()


@pytest.mark.parametrize(("distance", "lower"), [(2.0, True), (6.0, False)])
def test_the_view_is_from_above(distance, lower):
    rgb, depth = gray(48, 64, 200), np.full((48, 64), np.nan)
    depth[24, 32] = distance  # on the optical axis
    image = view_from_aside(rgb, depth, CAMERA, pivot=3.0)
    rows, _ = np.nonzero(image[..., 0] == 200)
    assert len(rows) and (rows.mean() > 24.5) == lower


def test_the_middle_does_not_follow_the_sky():
    depth = np.full((10, 10), 40.0)
    depth[6:] = 2.0
    assert middle(depth) == pytest.approx(1 / (0.6 / 40 + 0.4 / 2))
    depth[0, :4] = np.nan, np.inf, 0, -1
    assert middle(depth) == pytest.approx(96 / (56 / 40 + 40 / 2))


def test_unknown_and_impossible_depths_are_no_points():
    depth = np.full((10, 12), np.nan)
    depth[0, 0], depth[1, 1] = 0.0, -2.0
    image = view_from_aside(gray(10, 12, 255), depth, CAMERA, pivot=1.0)
    assert (image == BACKGROUND).all()
