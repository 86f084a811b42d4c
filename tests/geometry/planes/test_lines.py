"""Depth along straight edges."""

import numpy as np
import pytest

from sharpdepth_blender.geometry.planes.lines import straight_disparity

EDGE = np.array([[20.0, 60.5, 220.0, 60.5]])
KNOWN = np.ones((120, 240), bool)
NONE = ~KNOWN


def bent(values, seed=1):
    """Values in waves of five per cent along the columns."""
    u = np.arange(values.shape[1])
    return (values * (1 + 0.05 * np.sin(u / 11 + seed))).astype(np.float32)


def off_a_line(values):
    u = np.arange(len(values))
    return float(np.abs(values - np.polyval(np.polyfit(u, values, 1), u)).max() / values.mean())


def test_an_edge_in_waves_becomes_straight_and_the_rest_stays():
    truth = np.broadcast_to(0.2 + 0.001 * np.arange(240.0), KNOWN.shape)
    wavy = bent(truth)
    pixel, values = straight_disparity(wavy, KNOWN, EDGE, np.zeros(1, int), NONE)
    rows, columns = np.divmod(pixel, 240)
    assert (rows.min(), rows.max()) == (56, 64)
    for row in (58, 60, 62):
        assert off_a_line(wavy[row, 20:220]) > 0.03
        order = np.argsort(columns[rows == row])
        along = values[rows == row][order]
        assert len(along) > 200 and off_a_line(along) < 1e-3
        np.testing.assert_allclose(along, truth[row, columns[rows == row][order]], rtol=0.03)


def test_either_side_of_a_step_has_its_own_line():
    truth = np.where(np.arange(120)[:, None] < 60, 0.5, 0.2) * np.ones(240)
    wavy = bent(truth)
    pixel, values = straight_disparity(wavy, KNOWN, EDGE, np.zeros(1, int), NONE)
    straight = wavy.copy()
    straight.ravel()[pixel] = values
    np.testing.assert_allclose(straight[59, 25:215], 0.5, rtol=0.04)
    np.testing.assert_allclose(straight[61, 25:215], 0.2, rtol=0.04)
    assert off_a_line(straight[59, 25:215]) < 1e-3 and off_a_line(straight[61, 25:215]) < 1e-3


def test_what_stands_before_an_edge_is_left_alone():
    values = np.full(KNOWN.shape, 0.2, np.float32)
    values[:, 100:140] = 0.6
    parts = np.array([[20.0, 60.5, 90.0, 60.5], [150.0, 60.5, 220.0, 60.5]])
    pixel, straight = straight_disparity(bent(values), KNOWN, parts, np.zeros(2, int), NONE)
    columns = pixel % 240
    assert not ((columns >= 100) & (columns < 140)).any()
    assert {60, 180} <= set(columns.tolist())
    order = np.argsort(columns)
    np.testing.assert_allclose(straight[order], 0.2, rtol=0.04)


def test_what_is_far_nearer_than_an_edge_does_not_go_with_it():
    values = bent(np.full(KNOWN.shape, 0.2))
    values[:, 100:130] *= 1.6
    pixel, _ = straight_disparity(values, KNOWN, EDGE, np.zeros(1, int), NONE)
    columns = set((pixel % 240).tolist())
    assert not columns & set(range(100, 130)) and {60, 180} <= columns


def test_an_edge_of_things_at_many_depths_is_left_alone():
    values = np.full(KNOWN.shape, 0.2, np.float32)
    values *= np.where(np.arange(240) // 20 % 2, 1.4, 1.0).astype(np.float32)
    pixel, _ = straight_disparity(values, KNOWN, EDGE, np.zeros(1, int), NONE)
    assert len(pixel) == 0


def test_what_is_settled_stays_and_draws_an_edge_to_it():
    wavy = bent(np.full(KNOWN.shape, 0.2))
    settled = NONE.copy()
    settled[:, 40:44] = settled[:, 200:204] = True
    wavy[settled] = 0.21
    pixel, straight = straight_disparity(wavy, KNOWN, EDGE, np.zeros(1, int), settled)
    assert len(pixel) and not settled.ravel()[pixel].any()
    unsettled = straight_disparity(wavy, KNOWN, EDGE, np.zeros(1, int), NONE)[1]
    assert abs(straight.mean() - 0.21) < abs(unsettled.mean() - 0.21)


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_known_is_nothing_moved(count):
    lines = np.zeros(count, int)
    pixel, values = straight_disparity(np.ones((120, 240)), NONE, EDGE[:count], lines, NONE)
    assert len(pixel) == len(values) == 0
