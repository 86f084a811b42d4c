"""Continuation: planes carried on behind what stands before them, and beyond the picture."""

from collections.abc import Sequence

import numpy as np

from .find import NO_PLANE
from .meeting import FARTHER, NEARER
from .plane import Plane

# Pieces off the planes with a smaller share of the grid are not carried on.
_CRUMB = 2e-3


def continue_labels(
    labels: np.ndarray,
    known: np.ndarray,
    planes: Sequence[Plane],
    meets: np.ndarray,
    rays: np.ndarray,
) -> np.ndarray:
    """Find the plane that a surface goes on along where it is not seen.

    Each unknown sample takes what is nearest to it, and where that is a plane which meets others,
    the one of them that is seen there: so two walls meet in one line behind whatever hides it.

    Args:
        labels: (h, w) int8, number of the plane, NO_PLANE for what is off them.
        known: (h, w) bool, where they are known.
        planes: The planes.
        meets: (K, K) as of `meetings`.
        rays: (h, w, 3) of the samples.

    Returns:
        (h, w) int8 labels, those that are known as they were.
    """
    whole = _nearest(labels, known)
    vectors = np.array([plane.vector for plane in planes]).reshape(-1, 3)
    there = np.unique(whole[~known & (whole != NO_PLANE)])
    # Two rounds: a floor goes over into one wall, and that into another beside it.
    for _ in range(2):
        before = whole.copy()
        for one in there:
            here = ~known & (before == one)
            if not here.any():
                continue
            disparity = rays[here] @ vectors.T
            best, label = disparity[:, one].copy(), np.full(len(disparity), one, np.int8)
            for other in np.flatnonzero(meets[one] == NEARER):
                wins = (disparity[:, other] > best) & np.isin(other, there)
                best[wins], label[wins] = disparity[wins, other], other
            for other in np.flatnonzero(meets[one] == FARTHER):
                wins = (disparity[:, other] < best) & (disparity[:, other] > 0)
                wins &= np.isin(other, there)
                best[wins], label[wins] = disparity[wins, other], other
            whole[here] = label
    return whole


def _nearest(labels: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Labels carried on from about where they are known, coarse to fine."""
    if known.all() or not known.any():
        return np.where(known, labels, np.int8(NO_PLANE))
    height, width = labels.shape
    if height * width == 1:
        return labels
    pad = (0, height % 2), (0, width % 2)
    values, there = np.pad(labels, pad), np.pad(known, pad)
    coarse = np.full((values.shape[0] // 2, values.shape[1] // 2), NO_PLANE, np.int8)
    found = np.zeros(coarse.shape, bool)
    for down in (0, 1):
        for right in (0, 1):
            part = there[down::2, right::2]
            # A plane is carried on rather than what is off it.
            takes = part & (~found | (coarse == NO_PLANE))
            coarse[takes] = values[down::2, right::2][takes]
            found |= part
    wide = np.repeat(np.repeat(_nearest(coarse, found), 2, 0), 2, 1)[:height, :width]
    return np.where(known, labels, wide)
