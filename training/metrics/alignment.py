"""Alignment of a relative map to meters, by least squares over the valid pixels."""

import numpy as np

SMALLEST_DISPARITY = 1e-3  # 1/m: what an alignment puts below this is taken as this


class AlignmentError(ValueError):
    """There is nothing to align to."""


def fit_scale_and_shift(prediction, target, valid=None) -> np.ndarray:
    """Return `a * prediction + b`, nearest to the target.

    The released SharpDepth evaluation leaves the result as it is, below zero too where that is
    nearest, and so does this.

    Args:
        prediction: (H, W) relative depth.
        target: (H, W) meters.
        valid: (H, W) bool, the pixels to fit; all if not given.

    Returns:
        (H, W) meters, of every pixel.

    Raises:
        AlignmentError: No pixel is valid.
    """
    scale, shift = scale_and_shift(prediction, target, valid)
    return scale * prediction + shift


def fit_in_disparity(prediction, target, valid=None) -> np.ndarray:
    """Return `1 / (a * prediction + b)`, nearest to the target in disparity, at most 1000 m.

    Args:
        prediction: (H, W) relative disparity.
        target: (H, W) meters, above zero where valid.
        valid: (H, W) bool, the pixels to fit; all if not given.

    Returns:
        (H, W) meters, of every pixel.

    Raises:
        AlignmentError: No pixel is valid.
    """
    if valid is None:
        valid = np.ones(target.shape, bool)
    scale, shift = scale_and_shift(prediction, 1 / np.where(valid, target, 1), valid)
    return 1 / np.maximum(scale * prediction + shift, SMALLEST_DISPARITY)


def scale_and_shift(prediction, target, valid=None) -> tuple[float, float]:
    """Return the a and b that bring `a * prediction + b` nearest to the target.

    Of the many that a constant prediction or a single pixel leaves, the smallest, which give the
    mean of the target. Arguments and errors are those of `fit_scale_and_shift`.
    """
    if valid is None:
        valid = np.ones(target.shape, bool)
    if not valid.any():
        raise AlignmentError("The depth to align to has no valid pixel, so nothing can be fitted.")
    values = prediction[valid].astype(np.float64)
    columns = np.stack([values, np.ones_like(values)], axis=1)
    (scale, shift), *_ = np.linalg.lstsq(columns, target[valid].astype(np.float64), rcond=None)
    return float(scale), float(shift)
