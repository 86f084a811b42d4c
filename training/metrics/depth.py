"""Errors of depth, pixel by pixel.

Every function takes two arrays of one shape, predicted and true depth in meters, above zero, of the
valid pixels alone; of no pixels it makes NaN. Their names and definitions are those of Eigen et al.
(2014) and of the KITTI benchmark, as the released SharpDepth evaluation computes them.
"""

import numpy as np


def absolute_relative(prediction, truth) -> float:
    """AbsRel: mean of |p - t| / t."""
    return _mean(np.abs(prediction - truth) / truth)


def squared_relative(prediction, truth) -> float:
    """SqRel [m]: mean of (p - t)^2 / t."""
    return _mean((prediction - truth) ** 2 / truth)


def rmse(prediction, truth) -> float:
    """Root of the mean of (p - t)^2 [m]."""
    return _root_mean_square(prediction - truth)


def rmse_log(prediction, truth) -> float:
    """Root of the mean of (ln p - ln t)^2."""
    return _root_mean_square(np.log(prediction) - np.log(truth))


def inverse_rmse(prediction, truth) -> float:
    """Root of the mean of (1/p - 1/t)^2 [1/m]."""
    return _root_mean_square(1 / prediction - 1 / truth)


def log10(prediction, truth) -> float:
    """Mean of |log10 p - log10 t|."""
    return _mean(np.abs(np.log10(prediction) - np.log10(truth)))


def silog(prediction, truth) -> float:
    """SIlog: 100 times the standard deviation of ln p - ln t, which no scale changes."""
    difference = np.log(prediction) - np.log(truth)
    return 100 * _root_mean_square(difference - _mean(difference))


def delta1(prediction, truth) -> float:
    """Share of pixels whose ratio to the truth, either way up, is below 1.25."""
    return _share_within(1.25, prediction, truth)


def delta2(prediction, truth) -> float:
    """Share of pixels whose ratio to the truth, either way up, is below 1.25^2."""
    return _share_within(1.25**2, prediction, truth)


def delta3(prediction, truth) -> float:
    """Share of pixels whose ratio to the truth, either way up, is below 1.25^3."""
    return _share_within(1.25**3, prediction, truth)


def _share_within(limit, prediction, truth):
    return _mean(np.maximum(prediction / truth, truth / prediction) < limit)


def _root_mean_square(values):
    return float(np.sqrt(_mean(values**2)))


def _mean(values):
    return float(np.mean(values)) if values.size else np.nan
