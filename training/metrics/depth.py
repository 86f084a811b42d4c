"""Pixelwise depth metrics.

Every function takes two arrays of equal shape: predicted and true depth in meters, positive, at
valid pixels only. Without pixels it returns NaN. Names and definitions follow Eigen et al. (2014)
and the KITTI benchmark, as computed by the released SharpDepth evaluation.
"""

import numpy as np


def absolute_relative(prediction, truth) -> float:
    """AbsRel: mean of |p - t| / t."""
    return _mean(np.abs(prediction - truth) / truth)


def squared_relative(prediction, truth) -> float:
    """SqRel [m]: mean of (p - t)^2 / t."""
    return _mean((prediction - truth) ** 2 / truth)


def rmse(prediction, truth) -> float:
    """RMSE [m]: root mean square of p - t."""
    return _root_mean_square(prediction - truth)


def rmse_log(prediction, truth) -> float:
    """RMSE log: root mean square of ln p - ln t."""
    return _root_mean_square(np.log(prediction) - np.log(truth))


def inverse_rmse(prediction, truth) -> float:
    """Inverse RMSE [1/m]: root mean square of 1/p - 1/t."""
    return _root_mean_square(1 / prediction - 1 / truth)


def log10(prediction, truth) -> float:
    """Mean of |log10 p - log10 t|."""
    return _mean(np.abs(np.log10(prediction) - np.log10(truth)))


def silog(prediction, truth) -> float:
    """SIlog: 100 times the standard deviation of ln p - ln t; scale-invariant."""
    difference = np.log(prediction) - np.log(truth)
    return 100 * _root_mean_square(difference - _mean(difference))


def delta1(prediction, truth) -> float:
    """Fraction of pixels with max(p/t, t/p) < 1.25."""
    return _share_within(1.25, prediction, truth)


def delta2(prediction, truth) -> float:
    """Fraction of pixels with max(p/t, t/p) < 1.25^2."""
    return _share_within(1.25**2, prediction, truth)


def delta3(prediction, truth) -> float:
    """Fraction of pixels with max(p/t, t/p) < 1.25^3."""
    return _share_within(1.25**3, prediction, truth)


def _share_within(limit, prediction, truth):
    return _mean(np.maximum(prediction / truth, truth / prediction) < limit)


def _root_mean_square(values):
    return float(np.sqrt(_mean(values**2)))


def _mean(values):
    return float(np.mean(values)) if values.size else np.nan
