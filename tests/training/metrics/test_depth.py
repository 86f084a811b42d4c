"""Errors of depth against the numbers of the released evaluation, and against closed forms."""

from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("skimage")

from training.metrics import depth  # noqa: E402

GOLDEN = np.load(Path(__file__).parents[2] / "golden" / "metrics.npz")
PAIRS = sorted({name.split("/")[0] for name in GOLDEN.files})
RELEASED = {
    "abs_relative_difference": depth.absolute_relative,
    "squared_relative_difference": depth.squared_relative,
    "rmse_linear": depth.rmse,
    "rmse_log": depth.rmse_log,
    "i_rmse": depth.inverse_rmse,
    "log10": depth.log10,
    "silog_rmse": depth.silog,
    "delta1_acc": depth.delta1,
    "delta2_acc": depth.delta2,
    "delta3_acc": depth.delta3,
}
ERRORS = [function for name, function in RELEASED.items() if not name.startswith("delta")]
SHARES = [depth.delta1, depth.delta2, depth.delta3]


def test_there_are_eight_pairs():
    assert len(PAIRS) == 8


@pytest.mark.parametrize("name", RELEASED)
@pytest.mark.parametrize("pair", PAIRS)
def test_equals_the_released_evaluation(pair, name):
    valid = GOLDEN[f"{pair}/valid_mask"]
    maps = (GOLDEN[f"{pair}/{which}"][valid].astype(np.float64) for which in ("pred", "gt"))
    tolerance = 1e-4 if name == "silog_rmse" else 1e-5
    expected = float(GOLDEN[f"{pair}/metric/{name}"])
    assert RELEASED[name](*maps) == pytest.approx(expected, rel=tolerance)


def test_two_pixels_by_hand():
    predicted, true = np.array([3.0, 2.0]), np.array([2.0, 4.0])
    assert depth.absolute_relative(predicted, true) == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert depth.squared_relative(predicted, true) == pytest.approx((1 / 2 + 4 / 4) / 2)
    assert depth.rmse(predicted, true) == pytest.approx(sqrt((1 + 4) / 2))
    assert depth.rmse_log(predicted, true) == pytest.approx(sqrt((log(1.5) ** 2 + log(2) ** 2) / 2))
    assert depth.inverse_rmse(predicted, true) == pytest.approx(sqrt((1 / 36 + 1 / 16) / 2))
    assert depth.log10(predicted, true) == pytest.approx((log(1.5) + log(2)) / 2 / log(10))
    assert depth.silog(predicted, true) == pytest.approx(100 * log(3) / 2)


def test_a_ratio_at_the_limit_is_outside_either_way_up():
    near, far = np.ones(3), np.array([1.25, 1.25**2, 1.25**3])
    for maps in ((near, far), (far, near)):
        assert [share(*maps) for share in SHARES] == [0, 1 / 3, 2 / 3]


@pytest.mark.parametrize("seed", range(3))
def test_the_truth_itself_is_perfect_and_nothing_else(seed):
    true = np.random.default_rng(seed).uniform(0.5, 80, 99)
    predicted = true.copy()
    predicted[seed] *= 3
    assert [error(true, true) for error in ERRORS] == [0] * len(ERRORS)
    assert [share(true, true) for share in SHARES] == [1] * len(SHARES)
    assert all(error(predicted, true) > 0 for error in ERRORS)
    assert all(share(predicted, true) == pytest.approx(98 / 99) for share in SHARES)


def test_no_scale_changes_silog():
    rng = np.random.default_rng(0)
    predicted, true = rng.uniform(1, 9, (2, 50))
    assert depth.silog(7 * predicted, true) == pytest.approx(depth.silog(predicted, true))


@pytest.mark.filterwarnings("error")
def test_no_pixels_make_no_number_and_no_warning():
    nothing = np.zeros(0)
    assert all(np.isnan(function(nothing, nothing)) for function in RELEASED.values())
