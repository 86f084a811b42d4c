"""Labels: which layer each pixel of a picture belongs to."""

from collections.abc import Mapping

import numpy as np

from ..connected_components import connected_components, nearest_known, remove_small_components
from ..projection import valid_depth
from .cut import Cut

# Of the pixels of a picture: regions with a smaller share are no layer of their own, and what depth
# does not know is a slip of the measurement, not the sky, where it is smaller than the second.
_SPECK, _SKY = 1e-5, 1e-3
# A mask claims a pixel from here on, and refuses it below.
_CLAIM = 0.5
DROPPED = -1


def label_pixels(
    depth: np.ndarray, cut: Cut, masks: Mapping[int, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Give each pixel the number of its layer, 0 for the first.

    What lies nearer than `cut.near` is dropped. Beyond the last end and in large holes is the sky,
    numbered after the last layer; small holes are filled from beside them. Where a mask claims a
    pixel it goes there, whatever its depth; where several do, to the one that is surest of it, or
    else the first. One array that is given for several layers is of them together: what it claims
    goes to that of them which is next in depth. A pixel that a mask refuses goes to the layer next
    in depth that does not.

    Args:
        depth: (H, W) float32 z-depth in meters, holes not finite or not above zero.
        cut: How the picture is parted.
        masks: Of layers and the sky, by their ids: (H, W) float32, from 0, which refuses a pixel,
            to 1, which claims it; NaN leaves it to depth.

    Returns:
        (labels, depth): (H, W) int8, DROPPED where nothing is to be, and depth with small holes
        filled, 0 in the sky and where a mask claims what has no depth, and never outside of the
        range of the pixel's layer.
    """
    sky = len(cut.layers)
    valid = valid_depth(depth)
    depth = np.where(valid, depth, np.float32(0))
    beyond = np.zeros(valid.shape, bool)
    if not valid.all():
        sizes, of_pixel = connected_components(valid)
        beyond = ~valid & (sizes >= _SKY * valid.size)[of_pixel]
        small = ~valid & ~beyond
        if small.any() and valid.any():
            depth = np.where(small, nearest_known(depth, valid), depth)
    number = np.array(cut.by_depth, np.int8)
    of_depth = number[np.searchsorted(np.asarray(cut.thresholds, np.float32), depth, "right")]
    labels = of_depth.copy()
    if cut.sky_depth > 0:
        beyond |= depth > cut.sky_depth
    labels[beyond] = sky
    labels[~beyond & (depth < cut.near)] = DROPPED
    labels = remove_small_components(labels, _SPECK * labels.size)
    if masks:
        labels = _masked(labels, depth, cut, masks)
    depth = np.where(labels == sky, np.float32(0), depth)
    return labels, _as_deep_as_its_layer(depth, labels, of_depth, cut)


def _as_deep_as_its_layer(
    depth: np.ndarray, labels: np.ndarray, of_depth: np.ndarray, cut: Cut
) -> np.ndarray:
    """Depth, of pixels that are not in the layer they would be in by it, the nearest of theirs.

    Else what goes on behind that layer would be before them.
    """
    astray = (labels != of_depth) & (labels != DROPPED) & (depth > 0)
    for index in np.unique(labels[astray]):
        stays = (labels == index) & ~astray & (depth > 0)
        start, end = cut.ranges[index]
        near = nearest_known(depth, stays) if stays.any() else np.clip(depth, start, end)
        depth = np.where(astray & (labels == index), near, depth)
    return depth


def _masked(
    labels: np.ndarray, depth: np.ndarray, cut: Cut, masks: Mapping[int, np.ndarray]
) -> np.ndarray:
    """Labels as masks by hand have them."""
    numbers = {each.id: index for index, each in enumerate((*cut.layers, cut.sky))}
    labels = labels.copy()
    refusing: dict[int, np.ndarray] = {}
    sure = np.full(labels.shape, _CLAIM, np.float32)
    claimed = np.zeros(labels.shape, bool)
    of_mask: dict[int, tuple[np.ndarray, list[int]]] = {}  # by the ids of arrays
    for number, mask in masks.items():
        if mask.shape != labels.shape:
            raise ValueError(f"A mask must be of shape {labels.shape}, not {mask.shape}.")
        of_mask.setdefault(id(mask), (mask, []))[1].append(numbers[number])
    farthest_first = (len(cut.layers), *reversed(cut.by_depth))  # whose beginning is its own
    for mask, indices in sorted(of_mask.values(), key=lambda each: min(each[1])):
        refusing |= dict.fromkeys(indices, mask < _CLAIM)
        better = (mask > sure) | ((mask == sure) & ~claimed)
        claimed |= better
        np.copyto(sure, mask, where=better)
        own = np.array([each for each in farthest_first if each in indices], labels.dtype)
        labels[better] = own[_away(depth[better], cut)[own].argmin(0)]
    refused = np.zeros(labels.shape, bool)
    for index, refuses in refusing.items():
        refused |= refuses & (labels == index) & ~claimed
    where = np.flatnonzero(refused)
    if where.size:
        away = _away(depth.ravel()[where], cut)
        for index, refuses in refusing.items():
            away[index, refuses.ravel()[where]] = np.inf
        allowed = np.isfinite(away).any(0)
        labels.ravel()[where[allowed]] = away.argmin(0)[allowed]
    return labels


def _away(depth: np.ndarray, cut: Cut) -> np.ndarray:
    """(layers and sky, N): how far depths are from each, in log depth; what has none is far off."""
    logs = np.where(depth > 0, np.log(np.maximum(depth, 1e-30)), 1e3)
    away = np.empty((len(cut.layers) + 1, depth.size))
    start = 0.0
    for index in cut.by_depth:
        end = min(cut.layers[index].end, 1e30)
        near, far = np.log(max(start, 1e-30)), np.log(end)
        away[index] = np.maximum(np.maximum(near - logs, logs - far), 0)
        start = end
    # The sky is the last resort of what has a depth.
    away[-1] = np.maximum(np.log(cut.sky_depth) - logs, 0) if cut.sky_depth > 0 else 1e4
    return away
