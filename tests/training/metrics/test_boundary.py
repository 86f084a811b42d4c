"""Depth Pro's boundary scores against counts made by hand."""

import numpy as np
import pytest
from numpy.testing import assert_equal

pytest.importorskip("skimage")

from training.metrics import boundary_scores, published_boundary_f1  # noqa: E402

PERFECT = {"precision": 1, "recall": 1, "f1": 1}
WORTHLESS = {"precision": 0, "recall": 0, "f1": 0}
NOTHING = dict.fromkeys(PERFECT, np.nan)
RATIOS = [1.05 + 0.2 * step / 9 for step in range(10)]

pytestmark = pytest.mark.filterwarnings("error")


def boxes(shape, seed):
    """Boxes before a wall, every one a quarter nearer than what it hides, or more."""
    rng = np.random.default_rng(seed)
    depth = np.full(shape, 8, np.float32)
    for nearer in (6, 4, 2):
        y, x = (rng.integers(1, side * 3 // 4) for side in shape)
        depth[y : y + shape[0] // 3, x : x + shape[1] // 3] = nearer
    return depth


def by_hand(prediction, truth, valid):
    """The definition, neighbor by neighbor."""

    def boundaries(depth, ratio):
        found = set()
        for y, x in np.argwhere(valid):
            for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
                v, u = y + dy, x + dx
                if 0 <= v < depth.shape[0] and 0 <= u < depth.shape[1] and valid[v, u]:
                    if depth[v, u] / depth[y, x] > ratio:
                        found.add((y, x, dy, dx))
        return found

    rows, weights = [], []
    for ratio in RATIOS:
        found, there = boundaries(prediction, ratio), boundaries(truth, ratio)
        if found or there:
            right = len(found & there)
            precision, recall = right / max(len(found), 1), right / max(len(there), 1)
            f1 = 2 * precision * recall / (precision + recall) if right else 0
            rows.append((precision, recall, f1))
            weights.append(ratio)
    return dict(zip(PERFECT, np.average(rows, axis=0, weights=weights), strict=True))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", [(13, 9), (8, 15), (1, 12)])
def test_equals_the_definition_neighbor_by_neighbor(shape, seed):
    rng = np.random.default_rng(seed)
    truth = rng.uniform(3, 4, shape)
    prediction = truth * rng.uniform(0.9, 1.1, shape)
    valid = rng.random(shape) < 0.8
    expected = by_hand(prediction, truth, valid)
    assert 0 < expected["f1"] < 1
    assert boundary_scores(prediction, truth, valid) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", [(21, 34), (34, 21), (13, 13)])
def test_the_truth_itself_is_perfect_at_any_scale(shape, seed):
    truth = boxes(shape, seed)
    assert boundary_scores(truth, truth) == pytest.approx(PERFECT)
    assert boundary_scores(7 * truth, truth) == pytest.approx(PERFECT)


def test_one_direction_alone_and_a_small_step_alone_can_be_perfect():
    truth = np.ones((4, 6))
    truth[:, 3:] = 1.1
    assert boundary_scores(truth, truth) == pytest.approx(PERFECT)


def test_the_side_in_front_matters():
    truth = np.ones((4, 6))
    truth[:, 3:] = 2
    assert boundary_scores(1 / truth, truth) == pytest.approx(WORTHLESS)


def test_a_boundary_beside_the_true_one_is_wrong():
    truth, beside = np.ones((2, 4, 6))
    truth[:, 3:], beside[:, 4:] = 2, 2
    assert boundary_scores(beside, truth) == pytest.approx(WORTHLESS)


def test_a_blurred_step_loses_precision_and_keeps_recall():
    truth, blurred = np.ones((2, 4, 6))
    truth[:, 3:] = 2
    blurred[:, 2:] = [1.26, 1.26**2, 2, 2]
    scores = boundary_scores(blurred, truth)
    assert scores["recall"] == pytest.approx(1)
    assert scores["precision"] == pytest.approx(1 / 3)
    assert scores["f1"] == pytest.approx(1 / 2)


def test_a_step_that_is_too_small_counts_at_the_ratios_it_reaches():
    truth, low = np.ones((2, 4, 6))
    truth[:, 3:], low[:, 3:] = 2, 1.12
    reached = sum(ratio for ratio in RATIOS if ratio < 1.12) / sum(RATIOS)
    expected = {"precision": reached, "recall": reached, "f1": reached}
    assert boundary_scores(low, truth) == pytest.approx(expected)


def test_nothing_found_is_worth_nothing_and_nothing_there_cannot_be_measured():
    step, flat = np.ones((2, 4, 6))
    step[:, 3:] = 2
    assert boundary_scores(flat, step) == pytest.approx(WORTHLESS)
    assert_equal(boundary_scores(step, flat), NOTHING)
    assert_equal(boundary_scores(step, step, np.zeros((4, 6), bool)), NOTHING)


@pytest.mark.parametrize("fill", [0, np.nan, -3, np.inf, 1e30])
def test_what_invalid_pixels_hold_changes_nothing(fill):
    truth, prediction = boxes((21, 34), 1), boxes((21, 34), 2)
    valid = np.ones((21, 34), bool)
    valid[3:9, 5:20] = False
    expected = boundary_scores(prediction, truth, valid)
    filled = (np.where(valid, depth, fill) for depth in (prediction, truth))
    assert boundary_scores(*filled, valid) == pytest.approx(expected)


@pytest.mark.parametrize("shape", [(0, 0), (1, 1)])
def test_maps_too_small_for_a_boundary(shape):
    assert_equal(boundary_scores(np.ones(shape), np.ones(shape)), NOTHING)


def published_by_hand(prediction, truth):
    """The release's way: one direction after the other, their shares averaged."""
    scores = []
    for ratio in RATIOS:
        precisions, recalls = [], []
        for turns in range(4):  # each turn brings another direction to point right
            found, there = (
                turned[:, 1:] / turned[:, :-1] > ratio
                for turned in (np.rot90(prediction, turns), np.rot90(truth, turns))
            )
            right = (found & there).sum()
            precisions.append(right / max(found.sum(), 1))
            recalls.append(right / max(there.sum(), 1))
        p, r = np.mean(precisions), np.mean(recalls)
        scores.append(2 * p * r / (p + r) if p + r else 0)
    return np.average(scores, weights=RATIOS)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", [(13, 9), (8, 15), (1, 12)])
def test_the_published_score_averages_directions(shape, seed):
    rng = np.random.default_rng(seed)
    truth = rng.uniform(3, 4, shape)
    prediction = truth * rng.uniform(0.9, 1.1, shape)
    expected = published_by_hand(prediction, truth)
    assert 0 < expected < 1
    assert published_boundary_f1(prediction, truth) == pytest.approx(expected)


def test_the_published_score_of_the_truth_itself_may_be_less_than_one():
    truth = np.ones((4, 6))
    truth[:, 3:] = 2
    assert boundary_scores(truth, truth)["f1"] == pytest.approx(1)
    assert published_boundary_f1(truth, truth) == pytest.approx(0.25)
    assert published_boundary_f1(np.ones((4, 6)), np.ones((4, 6))) == 0
