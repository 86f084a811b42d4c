"""Canny edges of depth and of disparity."""

import numpy as np
from skimage.feature import canny

SIGMA = np.sqrt(2)  # pixels
THRESHOLDS = 0.1, 0.2  # gradient thresholds for a map scaled to 0..1
SMALLEST = 1e-6  # meters: lower limit of depth before inversion


def edges(depth, valid=None) -> np.ndarray:
    """Detect edges of depth and of disparity.

    Disparity adds edges between nearby objects, which a distant background hides in depth.

    Args:
        depth: (H, W) meters.
        valid: (H, W) bool, pixels with depth; all if None. Values at invalid pixels have no effect,
            and neither those pixels nor their neighbors are edges.

    Returns:
        (H, W) bool; never set on the outermost pixels.
    """
    return depth_edges(depth, valid) | disparity_edges(depth, valid)


def depth_edges(depth, valid=None) -> np.ndarray:
    """Detect edges of depth only; arguments and result as for `edges`."""
    return _canny(depth, _all_unless_given(valid, depth))


def disparity_edges(depth, valid=None) -> np.ndarray:
    """Detect edges of 1 / depth only; arguments and result as for `edges`."""
    return _canny(1 / np.maximum(depth, SMALLEST), _all_unless_given(valid, depth))


def _all_unless_given(valid, depth):
    return np.ones(depth.shape, bool) if valid is None else valid


def _canny(image, valid):
    """Detect edges after scaling an image to 0..1; a constant image has none."""
    values = image[valid]
    if values.size == 0 or values.min() == values.max():
        return np.zeros(image.shape, bool)
    above = values - values.min()
    stretched = np.zeros_like(image)
    stretched[valid] = above / above.max()
    low, high = THRESHOLDS
    # With a mask, Canny smooths over masked-in pixels only and drops edges at the mask border.
    return canny(stretched, SIGMA, low, high, mask=valid)
