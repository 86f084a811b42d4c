import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.local_fit import EVIDENCE, _box_sums, _fit_windows, fit_locally


def smooth(shape, seed=0):
    coarse = torch.from_numpy(np.random.default_rng(seed).normal(size=(1, 1, 4, 5)))
    return torch.nn.functional.interpolate(coarse, shape, mode="bicubic")[0, 0].float()


@pytest.mark.parametrize("radius", [1, 3, 40])
def test_sums_are_those_of_windows_that_end_with_the_picture(radius):
    values = torch.rand(7, 9, dtype=torch.float64)
    sums = _box_sums(values, radius, -1)
    for column in range(9):
        window = values[:, max(0, column - radius) : column + radius + 1]
        torch.testing.assert_close(sums[:, column], window.sum(1))


def test_a_prediction_that_is_right_stays_as_it_is():
    metric = smooth((48, 64))
    fitted = fit_locally(metric, metric, torch.ones_like(metric))
    torch.testing.assert_close(fitted, metric, atol=1e-5, rtol=0)


def test_the_level_of_every_region_is_the_metric_one_and_the_edge_stays_sharp():
    """Two walls that the sharpener puts wrong by factors of their own."""
    prediction = torch.zeros(96, 128)
    prediction[:, 64:] = 0.8
    metric = torch.where(torch.arange(128) < 64, 0.3, 0.6).expand(96, -1)
    ramp = torch.nn.functional.avg_pool2d(metric[None, None], (1, 15), 1, (0, 7),
                                          count_include_pad=False)[0, 0]  # fmt: skip
    fitted = fit_locally(prediction, ramp, torch.ones_like(metric))
    assert (prediction - metric).abs().mean() > 0.2
    assert (fitted - metric).abs().mean() < 0.02
    assert (fitted - metric)[:, [0, -1]].abs().max() < 1e-3
    step = (fitted[:, 64] - fitted[:, 63]).min()
    assert step > 0.9 * (fitted[:, 70] - fitted[:, 57]).max()
    assert step > 0.25 and step > 10 * (ramp[:, 64] - ramp[:, 63]).max()


def test_one_window_over_all_is_the_formula():
    random = np.random.default_rng(3)
    prediction, metric = random.normal(size=(2, 3, 4))
    weight = random.uniform(size=(3, 4))
    maps = [torch.from_numpy(each) for each in (prediction, metric, weight)]
    fitted = _fit_windows(*maps, 1, maps[0])
    # A window is 3 x 3; this is its middle one, done by hand.
    slopes, shifts, totals = np.zeros((3, 3, 4))
    for row in range(3):
        for column in range(4):
            here = slice(max(0, row - 1), row + 2), slice(max(0, column - 1), column + 2)
            w, p, d = weight[here], prediction[here], metric[here]
            pm, dm = np.average(p, weights=w), np.average(d, weights=w)
            cov, var = (
                np.average((p - pm) * (d - dm), weights=w),
                np.average((p - pm) ** 2, weights=w),
            )
            slopes[row, column] = (cov + EVIDENCE) / (var + EVIDENCE)
            shifts[row, column] = dm - slopes[row, column] * pm
            totals[row, column] = w.sum()
    here = slice(0, 3), slice(1, 4)
    slope, shift = (np.average(each[here], weights=totals[here]) for each in (slopes, shifts))
    assert float(fitted[1, 2]) == pytest.approx(slope * prediction[1, 2] + shift, rel=1e-5)


def test_what_was_not_measured_says_nothing():
    prediction, metric = smooth((48, 64)), smooth((48, 64), 1)
    weight = torch.ones_like(metric)
    weight[:, 30:] = 0
    wild = torch.where(weight > 0, metric, 99.0)
    torch.testing.assert_close(
        fit_locally(prediction, wild, weight), fit_locally(prediction, metric, weight)
    )


def test_where_nothing_was_measured_near_by_the_prediction_stays():
    prediction = smooth((48, 256))
    weight = torch.zeros_like(prediction)
    weight[:, :8] = 1
    fitted = fit_locally(prediction, prediction + 1, weight)
    torch.testing.assert_close(fitted[:, 200:], prediction[:, 200:])
    torch.testing.assert_close(fitted[:, :8], prediction[:, :8] + 1, atol=1e-4, rtol=0)
