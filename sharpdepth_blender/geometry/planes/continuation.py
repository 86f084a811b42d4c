"""Continuation: planes carried on behind what stands before them, and beyond the picture."""

from collections.abc import Sequence

import numpy as np

from ..intrinsics import Intrinsics
from .find import NO_PLANE, Planes
from .meeting import FARTHER, NEARER, meetings
from .plane import Plane, rays_of


def continue_planes_of(
    found: Planes, known: np.ndarray, intrinsics: Intrinsics, rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    """Carry the planes of a layer on over its frame.

    Args:
        found: Planes of the picture.
        known: (H, W) bool, pixels of the picture that are the layer's own.
        intrinsics: Of the picture.
        rows: (h,) rows of samples, in pixels of the picture, which may lie beyond it.
        columns: (w,) columns likewise.

    Returns:
        (h, w) float32 1/z of the plane that the layer goes on along at each sample that is not its
        own; 0 where it is off the planes.
    """
    height, width = known.shape
    inside = (rows >= 0)[:, None] & (rows < height)[:, None] & (columns >= 0) & (columns < width)
    at = np.ix_(
        rows.astype(np.intp).clip(0, height - 1), columns.astype(np.intp).clip(0, width - 1)
    )
    own = inside & known[at]
    labels = np.where(own, found.labels[at], np.int8(NO_PLANE))
    rays = rays_of(intrinsics, rows, columns)
    regions = [labels == number for number in range(len(found.fits))]
    meets = meetings(found.planes, regions, rays)
    labels = continue_labels(labels, own, found.planes, meets, rays)
    vectors = np.zeros((len(found.fits) + 1, 3))  # the last for NO_PLANE
    vectors[:-1] = np.array([plane.vector for plane in found.planes]).reshape(-1, 3)
    return (rays * vectors[labels]).sum(-1).astype(np.float32)


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
            seen = rays[here]
            best, label = seen @ vectors[one], np.full(len(seen), one, np.int8)
            for other in there[meets[one, there] == NEARER]:
                disparity = seen @ vectors[other]
                wins = disparity > best
                best[wins], label[wins] = disparity[wins], other
            for other in there[meets[one, there] == FARTHER]:
                disparity = seen @ vectors[other]
                wins = (disparity < best) & (disparity > 0)
                best[wins], label[wins] = disparity[wins], other
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
