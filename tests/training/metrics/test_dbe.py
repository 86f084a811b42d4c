"""Depth boundary errors: the published ones equal, the others right where those are not."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_equal

pytest.importorskip("skimage")

from training.metrics import (  # noqa: E402
    depth_boundary_errors,
    published_depth_boundary_errors,
)
from training.metrics.dbe import REACH  # noqa: E402
from training.metrics.edges import edges  # noqa: E402

GOLDEN = np.load(Path(__file__).parents[2] / "golden" / "metrics.npz")
PAIRS = sorted({name.split("/")[0] for name in GOLDEN.files})
WITH_EDGES = [pair for pair in PAIRS if pair not in ("noedge_gt", "invalid_gt")]
SHAPES = [(61, 80), (80, 61), (47, 33)]
NOTHING = (np.nan, np.nan)

pytestmark = pytest.mark.filterwarnings("error")


def pair_of(name):
    return GOLDEN[f"{name}/pred"], GOLDEN[f"{name}/gt"]


def walls(shape, *columns):
    """A wall 2 m away and, right of each column, another four times as far as the last.

    The column itself lies halfway, so that its pixels alone are the edge.
    """
    x = np.arange(shape[1])
    passed = sum((x > column) + 0.5 * (x == column) for column in columns)
    return (2 * 4.0**passed * np.ones(shape)).astype(np.float32)


def boxes(shape, seed):
    """Boxes before a wall."""
    rng = np.random.default_rng(seed)
    depth = np.full(shape, 8, np.float32)
    for _ in range(4):
        y, x = (rng.integers(side * 3 // 4) for side in shape)
        depth[y : y + shape[0] // 3, x : x + shape[1] // 3] = rng.uniform(1, 6)
    return depth


@pytest.mark.parametrize("name", PAIRS)
def test_published_equals_the_released_evaluation(name):
    expected = [float(GOLDEN[f"{name}/metric/dbe_{part}"]) for part in ("acc", "compl")]
    np.testing.assert_allclose(published_depth_boundary_errors(*pair_of(name)), expected, rtol=1e-9)


@pytest.mark.parametrize("name", WITH_EDGES)
def test_both_agree_where_all_is_valid_and_the_truth_has_edges(name):
    maps = pair_of(name)
    valid = np.ones(maps[0].shape, bool)
    assert depth_boundary_errors(*maps, valid) == published_depth_boundary_errors(*maps)
    assert depth_boundary_errors(*maps) == published_depth_boundary_errors(*maps)


def test_a_hole_is_no_edge():
    """The released pair with a hole: the prediction is right there, and published to be 8.8 off."""
    prediction, truth = pair_of("invalid_gt")
    valid = GOLDEN["invalid_gt/valid_mask"]
    accuracy, completeness = depth_boundary_errors(prediction, truth, valid)
    assert published_depth_boundary_errors(prediction, truth)[1] > 8
    assert accuracy < 0.05 and completeness < 0.05


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", SHAPES)
def test_what_invalid_pixels_hold_changes_nothing(shape, seed):
    rng = np.random.default_rng(seed)
    prediction, truth = boxes(shape, seed), boxes(shape, seed + 100)
    valid = np.ones(shape, bool)
    valid[5 : 5 + shape[0] // 3, 8 : 8 + shape[1] // 3] = False
    expected = depth_boundary_errors(prediction, truth, valid)
    assert np.isfinite(expected).all()
    for fill in (0, np.nan, np.inf, -1, 1e-20, rng.uniform(0, 1e6, shape)):
        filled = (np.where(valid, depth, fill).astype(np.float32) for depth in (prediction, truth))
        assert depth_boundary_errors(*filled, valid) == expected


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", SHAPES)
def test_the_truth_itself_is_perfect_and_a_farther_one_too(shape, seed):
    truth = boxes(shape, seed)
    assert depth_boundary_errors(truth, truth) == (0, 0)
    assert depth_boundary_errors(4 * truth, truth) == (0, 0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pixels", [1, 2, 5, 9])
def test_an_edge_that_is_pixels_off_is_measured_so(shape, pixels):
    truth, shifted = walls(shape, 12), walls(shape, 12 + pixels)
    assert depth_boundary_errors(shifted, truth) == (pixels, pixels)
    assert depth_boundary_errors(shifted.T, truth.T) == (pixels, pixels)


def test_an_edge_out_of_reach_is_none():
    truth, nowhere = walls((40, 60), 15), (REACH, REACH)
    assert depth_boundary_errors(walls((40, 60), 25), truth) == nowhere
    assert depth_boundary_errors(walls((40, 60)), truth) == nowhere


def test_a_missed_edge_costs_completeness_and_a_false_one_accuracy_if_near():
    one, two = walls((40, 80), 20), walls((40, 80), 20, 60)
    assert depth_boundary_errors(one, two) == (0, 20)
    assert depth_boundary_errors(two, one) == (0, 0)
    assert depth_boundary_errors(walls((40, 80), 20, 26), one) == (3, 0)


def test_a_truth_without_edges_leaves_nothing_to_measure():
    flat = walls((40, 60))
    assert_equal(depth_boundary_errors(walls((40, 60), 15), flat), NOTHING)
    assert_equal(depth_boundary_errors(flat, flat), NOTHING)


def test_without_true_edges_the_published_errors_look_at_a_corner():
    flat, corner = walls((40, 60)), walls((40, 60))
    corner[:4, :4] = 1
    accuracy, completeness = published_depth_boundary_errors(corner, flat)
    assert 0 < accuracy < REACH and np.isnan(completeness)
    assert published_depth_boundary_errors(corner[::-1], flat) == (REACH, REACH)


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (2, 7), (7, 2), (3, 3)])
def test_maps_too_small_for_an_edge(shape):
    prediction, truth = np.random.default_rng(0).uniform(1, 9, (2, *shape)).astype(np.float32)
    assert_equal(depth_boundary_errors(prediction, truth, np.zeros(shape, bool)), NOTHING)
    if min(shape) < 3:
        assert_equal(depth_boundary_errors(prediction, truth), NOTHING)


def test_a_truth_measured_here_and_there_has_no_edges():
    truth = boxes((60, 80), 0)
    scattered = np.random.default_rng(0).random((60, 80)) < 0.05
    assert_equal(depth_boundary_errors(truth, truth, scattered), NOTHING)


def test_drawn_edges_take_the_place_of_found_ones():
    prediction = np.where(np.arange(60) < 30, 2.0, 6.0) * np.ones((40, 1))
    drawn = np.zeros((40, 60), bool)
    drawn[:, 33] = True
    flat = np.full((40, 60), 3.0)  # a truth in which nothing would be found
    there = np.unique(np.nonzero(edges(prediction))[1])
    accuracy, completeness = depth_boundary_errors(prediction, flat, true_edges=drawn)
    distances = np.abs(there - 33)
    assert accuracy == pytest.approx(distances.mean(), abs=0.5)
    assert completeness == pytest.approx(distances.min(), abs=0.5)
    assert np.isnan(depth_boundary_errors(prediction, flat)[0])


def test_drawn_edges_are_met_where_the_scanner_saw_nothing():
    prediction = np.where(np.arange(60) < 30, 2.0, 6.0) * np.ones((40, 1))
    there = np.nonzero(edges(prediction))[1][0]
    drawn = np.zeros((40, 60), bool)
    drawn[:, there] = True
    expected = depth_boundary_errors(prediction, prediction, true_edges=drawn)
    assert max(expected) < 1
    shadow = np.ones((40, 60), bool)
    shadow[:, 26:34] = False
    assert depth_boundary_errors(prediction, prediction, shadow, drawn) == expected
