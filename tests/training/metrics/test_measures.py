"""All measures of a picture, by the names that reports use."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("skimage")

from training.metrics import (  # noqa: E402
    MEASURES,
    MeasureError,
    measure,
    published_depth_boundary_errors,
)
from training.metrics.measures import NEAREST  # noqa: E402

GOLDEN = np.load(Path(__file__).parents[2] / "golden" / "metrics.npz")
PAIRS = sorted({name.split("/")[0] for name in GOLDEN.files})
RELEASED = {
    "abs_rel": "abs_relative_difference", "sq_rel": "squared_relative_difference",
    "rmse": "rmse_linear", "rmse_log": "rmse_log", "i_rmse": "i_rmse", "log10": "log10",
    "silog": "silog_rmse", "delta1": "delta1_acc", "delta2": "delta2_acc", "delta3": "delta3_acc",
    "dbe_accuracy_published": "dbe_acc", "dbe_completeness_published": "dbe_compl",
}  # fmt: skip
PUBLISHED = {name for name in MEASURES if name.endswith("_published")}

pytestmark = pytest.mark.filterwarnings("error")


@pytest.mark.parametrize("pair", PAIRS)
def test_equals_the_released_evaluation(pair):
    maps = [GOLDEN[f"{pair}/{which}"] for which in ("pred", "gt", "valid_mask")]
    measured = measure(*maps)
    for ours, theirs in RELEASED.items():
        expected = float(GOLDEN[f"{pair}/metric/{theirs}"])
        tolerance = {"silog": 1e-4}.get(ours, 1e-9 if ours in PUBLISHED else 1e-5)
        assert measured[ours] == pytest.approx(expected, rel=tolerance), ours


def test_the_golden_numbers_are_all_measured():
    names = {name.split("/")[-1] for name in GOLDEN.files if "/metric/" in name}
    assert names == set(RELEASED.values())


def test_what_is_measured_is_described():
    depth = GOLDEN["thin/gt"]
    measured = measure(depth, depth, np.ones(depth.shape, bool))
    assert set(measured) == set(MEASURES)
    assert all(type(value) is float for value in measured.values())
    for name, value in measured.items():
        best = {"lower": 0, "higher": 1}[MEASURES[name].better]
        assert value == pytest.approx(best, abs=1e-12), name


@pytest.mark.parametrize("fill", [0, np.nan, np.inf, -np.inf, -7, 1e30])
def test_what_invalid_pixels_hold_changes_nothing_but_the_published_errors(fill):
    prediction, truth, valid = (
        GOLDEN[f"invalid_gt/{which}"] for which in ("pred", "gt", "valid_mask")
    )
    expected = measure(prediction, truth, valid)
    measured = measure(np.where(valid, prediction, fill), np.where(valid, truth, fill), valid)
    for name in MEASURES.keys() - PUBLISHED:
        assert measured[name] == expected[name], name


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (5, 3), (40, 31)])
def test_a_picture_without_truth_has_no_measures(shape):
    rng = np.random.default_rng(0)
    measured = measure(*rng.uniform(1, 9, (2, *shape)), np.zeros(shape, bool))
    assert all(np.isnan(measured[name]) for name in MEASURES.keys() - PUBLISHED)


def test_one_pixel_has_depth_and_no_edges():
    measured = measure(np.full((1, 1), 3.0), np.full((1, 1), 2.0), np.ones((1, 1), bool))
    assert measured["abs_rel"] == 0.5 and measured["delta3"] == 1 and measured["silog"] == 0
    for name in MEASURES.keys() - PUBLISHED:
        assert np.isnan(measured[name]) == name.startswith(("dbe", "boundary")), name


def test_what_is_predicted_behind_the_camera_is_taken_as_near():
    prediction, truth = np.full((4, 5), 2.0), np.full((4, 5), 2.0)
    prediction[1, 2] = -1
    valid = np.ones((4, 5), bool)
    measured = measure(prediction, truth, valid)
    assert measured["abs_rel"] == pytest.approx((2 - NEAREST) / 2 / 20)
    assert np.isfinite([measured["rmse_log"], measured["i_rmse"], measured["silog"]]).all()
    prediction[1, 2] = NEAREST
    assert measure(prediction, truth, valid) == pytest.approx(measured, nan_ok=True)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_prediction_that_is_no_number_is_an_error(value):
    prediction, truth, valid = np.ones((4, 5)), np.ones((4, 5)), np.ones((4, 5), bool)
    prediction[1, 2:4] = value
    with pytest.raises(MeasureError, match="prediction is not finite at 2 of the valid pixels"):
        measure(prediction, truth, valid)


@pytest.mark.parametrize("value", [0, -1, np.nan, np.inf])
def test_a_truth_that_is_no_depth_is_an_error(value):
    prediction, truth, valid = np.ones((4, 5)), np.ones((4, 5)), np.ones((4, 5), bool)
    truth[1, 2] = value
    with pytest.raises(MeasureError, match="ground truth is not finite and positive at 1 of"):
        measure(prediction, truth, valid)


def test_maps_of_two_sizes_are_an_error():
    with pytest.raises(MeasureError, match=r"differ in size: \(4, 5\), \(5, 4\) and \(5, 4\)"):
        measure(np.ones((4, 5)), np.ones((5, 4)), np.ones((5, 4), bool))


def test_what_is_published_takes_predictions_as_they_are_and_drawn_edges_see_everywhere():
    rng = np.random.default_rng(0)
    truth = np.where(np.arange(60) < 30, 2.0, 6.0) * np.ones((40, 1))
    prediction = truth.copy()
    prediction[rng.random(truth.shape) < 0.1] = -1.0
    valid = np.ones(truth.shape, bool)
    measured = measure(prediction, truth, valid)
    expected = published_depth_boundary_errors(prediction.astype(np.float32), truth.astype("f4"))
    assert measured["dbe_accuracy_published"] == expected[0]
    clipped = published_depth_boundary_errors(np.maximum(prediction, NEAREST), truth)
    assert expected != clipped

    drawn, shadow = np.zeros(truth.shape, bool), valid.copy()
    drawn[:, 29], shadow[:, 26:34] = True, False
    blind = np.where(shadow, truth, np.nan)
    assert measure(truth, blind, shadow, drawn)["dbe_accuracy"] < 1
