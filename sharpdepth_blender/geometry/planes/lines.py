"""Lines: depth along a straight edge of a picture, as that of a straight edge in space."""

import numpy as np

from .segments import strips

# Pixels to either side of an edge that go with it.
STRIP = 2.5
# The nearer side is the edge's own where the other is farther by this ratio.
_GAP = 1.06
# What is off by more than this ratio does not go with the edge.
_OFF = 4.0
# What nearer samples count at a gap.
_NEARER = 6.0
_ROUNDS = 8
# An edge whose depth lies off a straight one by less than this ratio is left alone.
_BENT = 3e-3
# And one that lies off it by more than this, too: it belongs to several things.
_BROKEN = 0.04


def straight_disparity(
    disparity: np.ndarray, known: np.ndarray, segments: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Find the disparity that makes straight edges straight in space.

    Along a straight line of a picture, 1/z of one in space is linear. To either side it is taken as
    linear, too, as of a narrow plane; where there is a gap, the edge is that of the nearer side.
    The fit is by reweighted least squares (Tukey's biweight).

    Args:
        disparity: (H, W) 1/z.
        known: (H, W) bool, where that is known.
        segments: (N, 4) ends of straight edges in pixels.

    Returns:
        (pixel, values): (P,) flat indices of pixels that go with an edge, each once, and their 1/z.
    """
    line, pixel, along, aside = strips(segments, disparity.shape, STRIP)
    there = known.ravel()[pixel]
    line, pixel, along, aside = (each[there] for each in (line, pixel, along, aside))
    if not len(line):
        return pixel, np.zeros(0, np.float32)
    count = len(segments)
    value = disparity.ravel()[pixel].astype(np.float64)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(line, values, count)

    left, right = aside < -0.75, aside > 0.75
    means = [total(value * side) / np.maximum(total(side), 1) for side in (left, right)]
    to_left, to_right = (means[0] > _GAP * means[1])[line], (means[1] > _GAP * means[0])[line]
    gap = to_left | to_right
    far = (to_left & (aside > 0.25)) | (to_right & (aside < -0.25))
    weight = np.where(far, 0.0, 1.0)
    terms = (np.ones(len(value)), along, np.where(gap, 0.0, aside))
    for _ in range(_ROUNDS):
        matrix = np.array([[total(weight * a * b) for b in terms] for a in terms])
        matrix = np.moveaxis(matrix, -1, 0) + np.diag((1e-6, 1e-6, 1e-3))
        goal = np.stack([total(weight * a * value) for a in terms], -1)
        a, b, c = np.linalg.solve(matrix, goal[..., None])[..., 0].T
        fitted = a[line] * terms[0] + b[line] * terms[1] + c[line] * terms[2]
        error = value - fitted
        spread = total(weight * np.abs(error)) / np.maximum(total(weight), 1e-9)
        cut = np.maximum(5 * spread, 1e-9)[line]
        weight = np.where(np.abs(error) < cut, (1 - (error / cut) ** 2) ** 2, 0)
        # At a gap an estimate blurs what is near with what is far, never the other way round.
        weight = np.where(gap, np.where(error > 0, _NEARER, 1.0), weight)
        weight[far] = 0
    # What is straight already stays as it is.
    level = total(weight * np.abs(value)) / np.maximum(total(weight), 1e-9)
    bent = ((spread > _BENT * level) & (spread < _BROKEN * level))[line]
    ratio = fitted / np.maximum(value, 1e-12)
    good = bent & ~(gap & far) & (ratio > 1 / _OFF) & (ratio < _OFF)
    pixel, at = np.unique(pixel[good], return_inverse=True)
    # Where edges cross, each counts by its length.
    share = total(good.astype(float))[line[good]]
    mean = np.bincount(at, share * fitted[good]) / np.bincount(at, share)
    return pixel, mean.astype(np.float32)
