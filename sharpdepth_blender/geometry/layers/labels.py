"""Labels: which layer each pixel of a picture belongs to."""

import numpy as np

from ..connected_components import connected_components, nearest_known, remove_small_components
from ..projection import valid_depth
from .layer_settings import LayerSettings

# Of the pixels of a picture: regions with a smaller share are no layer of their own, and what depth
# does not know is a slip of the measurement, not the sky, where it is smaller than the second.
_SPECK, _SKY = 1e-5, 1e-3
DROPPED = -1


def label_pixels(depth: np.ndarray, cut: LayerSettings) -> tuple[np.ndarray, np.ndarray]:
    """Give each pixel the number of its layer, 0 the nearest.

    What lies nearer than `cut.near` is dropped. Beyond `cut.sky` and in large holes is the sky,
    numbered after the last layer; small holes are filled from beside them.

    Args:
        depth: (H, W) float32 z-depth in meters, holes not finite or not above zero.
        cut: How the picture is parted.

    Returns:
        (labels, depth): (H, W) int8, DROPPED where nothing is to be, and depth with small holes
        filled, 0 in the sky.
    """
    sky = len(cut.thresholds) + 1
    valid = valid_depth(depth)
    depth = np.where(valid, depth, np.float32(0))
    beyond = np.zeros(valid.shape, bool)
    if not valid.all():
        sizes, of_pixel = connected_components(valid)
        beyond = ~valid & (sizes >= _SKY * valid.size)[of_pixel]
        small = ~valid & ~beyond
        if small.any() and valid.any():
            depth = np.where(small, nearest_known(depth, valid), depth)
    labels = np.searchsorted(np.asarray(cut.thresholds, np.float32), depth, "right").astype(np.int8)
    if cut.sky > 0:
        beyond |= depth > cut.sky
    labels[beyond] = sky
    labels[~beyond & (depth < cut.near)] = DROPPED
    labels = remove_small_components(labels, _SPECK * labels.size)
    return labels, np.where(labels == sky, np.float32(0), depth)
