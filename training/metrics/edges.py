"""Edges of a depth map, by Canny, where depth or its inverse jumps."""

import numpy as np
from skimage.feature import canny

SIGMA = np.sqrt(2)  # pixels
THRESHOLDS = 0.1, 0.2  # of the gradient of a map that spans 0..1
SMALLEST = 1e-6  # meters: nearer depth is taken as this before it is inverted


def edges(depth, valid=None) -> np.ndarray:
    """Tell which pixels are an edge of depth or of disparity.

    Disparity adds the edges between near things, which a far background hides in depth.

    Args:
        depth: (H, W) meters.
        valid: (H, W) bool, the pixels that have a depth; all if not given. Those that have none
            change nothing, whatever they hold, and neither they nor their neighbors are edges.

    Returns:
        (H, W) bool; never on the outermost pixels.
    """
    return depth_edges(depth, valid) | disparity_edges(depth, valid)


def depth_edges(depth, valid=None) -> np.ndarray:
    """Tell which pixels are an edge of depth alone; arguments and result as of `edges`."""
    return _canny(depth, _all_unless_given(valid, depth))


def disparity_edges(depth, valid=None) -> np.ndarray:
    """Tell which pixels are an edge of 1 / depth alone; arguments and result as of `edges`."""
    return _canny(1 / np.maximum(depth, SMALLEST), _all_unless_given(valid, depth))


def _all_unless_given(valid, depth):
    return np.ones(depth.shape, bool) if valid is None else valid


def _canny(image, valid):
    """Return the edges of an image after it is stretched to 0..1; a constant one has none."""
    values = image[valid]
    if values.size == 0 or values.min() == values.max():
        return np.zeros(image.shape, bool)
    above = values - values.min()
    stretched = np.zeros_like(image)
    stretched[valid] = above / above.max()
    low, high = THRESHOLDS
    # Under a mask, Canny smooths with the pixels inside it alone and drops those at its border.
    return canny(stretched, SIGMA, low, high, mask=valid)
