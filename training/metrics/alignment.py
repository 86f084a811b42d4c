"""Least-squares alignment of a relative map to meters over the valid pixels."""

import numpy as np

SMALLEST_DISPARITY = 1e-3  # 1/m: lower limit of aligned disparities


class AlignmentError(ValueError):
    """There are no valid pixels to align to."""


def fit_scale_and_shift(prediction, target, valid=None) -> np.ndarray:
    """Return the least-squares fit `a * prediction + b` to the target.

    As in the released SharpDepth evaluation, the result is not clamped and may be negative.

    Args:
        prediction: (H, W) relative depth.
        target: (H, W) meters.
        valid: (H, W) bool, the pixels to fit; all if None.

    Returns:
        (H, W) meters, at every pixel.

    Raises:
        AlignmentError: No pixel is valid.
    """
    scale, shift = scale_and_shift(prediction, target, valid)
    return scale * prediction + shift


def fit_in_disparity(prediction, target, valid=None) -> np.ndarray:
    """Return the fit `1 / (a * prediction + b)`, least squares in disparity, at most 1000 m.

    Args:
        prediction: (H, W) relative disparity.
        target: (H, W) meters, positive where valid.
        valid: (H, W) bool, the pixels to fit; all if None.

    Returns:
        (H, W) meters, at every pixel.

    Raises:
        AlignmentError: No pixel is valid.
    """
    if valid is None:
        valid = np.ones(target.shape, bool)
    scale, shift = scale_and_shift(prediction, 1 / np.where(valid, target, 1), valid)
    return 1 / np.maximum(scale * prediction + shift, SMALLEST_DISPARITY)


def scale_and_shift(prediction, target, valid=None) -> tuple[float, float]:
    """Return the least-squares a and b of `a * prediction + b` against the target.

    A constant prediction or a single pixel leaves them underdetermined: the minimum-norm solution
    is returned, which gives the mean of the target. Arguments and errors are as for
    `fit_scale_and_shift`.
    """
    if valid is None:
        valid = np.ones(target.shape, bool)
    if not valid.any():
        raise AlignmentError("Cannot align: the target depth has no valid pixel.")
    values = prediction[valid].astype(np.float64)
    columns = np.stack([values, np.ones_like(values)], axis=1)
    (scale, shift), *_ = np.linalg.lstsq(columns, target[valid].astype(np.float64), rcond=None)
    return float(scale), float(shift)
