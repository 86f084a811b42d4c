"""Alignment against the released evaluation's, and where that has no answer."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("skimage")

from training.metrics import (  # noqa: E402
    AlignmentError,
    fit_in_disparity,
    fit_scale_and_shift,
    scale_and_shift,
)

GOLDEN = np.load(Path(__file__).parents[2] / "golden" / "metrics.npz")
PAIRS = sorted({name.split("/")[0] for name in GOLDEN.files})

pytestmark = pytest.mark.filterwarnings("error")


def pair_of(name):
    return [GOLDEN[f"{name}/{which}"] for which in ("pred", "gt", "valid_mask")]


def released_fit(name, case):
    return [GOLDEN[f"{name}/{case}/{k}"] for k in ("scale", "shift", "aligned")]


@pytest.mark.parametrize("name", PAIRS)
def test_equals_the_released_fit_of_depth(name):
    scale, shift, aligned = released_fit(name, "align_full")
    assert scale_and_shift(*pair_of(name)) == pytest.approx((*scale, *shift), rel=1e-4)
    np.testing.assert_allclose(fit_scale_and_shift(*pair_of(name)), aligned, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", PAIRS)
def test_equals_the_released_fit_of_48_columns(name):
    """The release's `max_resolution` thins the columns out, and leaves every row."""
    prediction, target, valid = pair_of(name)
    columns = np.zeros_like(valid)
    columns[:, np.arange(48) * 128 // 48] = True
    scale, shift, aligned = released_fit(name, "align_res48")
    fitted = scale_and_shift(prediction, target, valid & columns)
    assert fitted == pytest.approx((*scale, *shift), rel=1e-4)
    depth = fit_scale_and_shift(prediction, target, valid & columns)
    np.testing.assert_allclose(depth, aligned, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", PAIRS)
def test_equals_the_released_fit_of_disparity(name):
    depth = fit_in_disparity(*pair_of(name))
    np.testing.assert_allclose(depth, GOLDEN[f"{name}/align_disp/depth"], rtol=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_finds_the_scale_and_shift_that_made_the_prediction(seed):
    rng = np.random.default_rng(seed)
    target = rng.uniform(1, 20, (17, 11))
    valid = rng.random((17, 11)) < 0.5
    scale, shift = rng.uniform(0.5, 3), rng.uniform(-2, 2)
    relative = np.where(valid, (target - shift) / scale, np.nan)
    assert scale_and_shift(relative, target, valid) == pytest.approx((scale, shift))
    np.testing.assert_allclose(fit_scale_and_shift(relative, target, valid)[valid], target[valid])
    inverse = np.where(valid, (1 / target - shift) / scale, 0)
    np.testing.assert_allclose(fit_in_disparity(inverse, target, valid)[valid], target[valid])


def test_every_pixel_is_fitted_unless_some_are_named():
    relative, target = np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3) * 2 + 1
    assert scale_and_shift(relative, target) == pytest.approx((2, 1))
    np.testing.assert_allclose(fit_in_disparity(1 / target, target), target)


def test_disparity_below_zero_ends_at_a_kilometer():
    relative, target = np.array([[4.0, 3.0, -9.0]]), np.array([[1.0, 2.0, 7.0]])
    depth = fit_in_disparity(relative, target, np.array([[True, True, False]]))
    np.testing.assert_allclose(depth, [[1, 2, 1000]])


def test_a_constant_prediction_becomes_the_mean_and_one_pixel_itself():
    target = np.array([[1.0, 2.0], [3.0, 6.0]])
    np.testing.assert_allclose(fit_scale_and_shift(np.full((2, 2), 5.0), target), 3)
    one = np.array([[False, False], [True, False]])
    assert fit_scale_and_shift(target * 9, target, one)[1, 0] == pytest.approx(3)


@pytest.mark.parametrize("fit", [scale_and_shift, fit_scale_and_shift, fit_in_disparity])
def test_no_valid_pixel_is_an_error(fit):
    with pytest.raises(AlignmentError, match="no valid pixel"):
        fit(np.ones((2, 3)), np.ones((2, 3)), np.zeros((2, 3), bool))
