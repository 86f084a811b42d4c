"""Lines: depth along a straight edge of a picture, as that of a straight edge in space."""

import numpy as np

from .segments import longer, strips, whole_lines

# Pixels to either side of an edge that go with it, and beyond its ends.
STRIP, END = 4.0, 8.0
# Pixels beside an edge from which on they are one side of it; and the ratio of the sides' disparity
# from which on the one lies before the other.
_SIDE, _GAP = 0.75, 1.06
# What is off by more than so many median errors of the edge does not go with it, nor by this share.
_ASTRAY, _OFF = 25.0, 0.35
# An edge that lies off a straight one by more than this belongs to several things; and so does what
# lies behind one.
_BROKEN, _BROKEN_BEHIND = 0.12, 0.04
# What pixels count that a longer edge has set: where two cross they meet.
_SET = 12.0
_FEWEST = 20  # pixels
# Rounds of the fit by absolute errors, and after them of that by Tukey's biweight, which leaves out
# what is off by so many median errors.
_ROUNDS, _OUTLYING = (4, 4), 6.0


def straight_disparity(
    disparity: np.ndarray,
    known: np.ndarray,
    segments: np.ndarray,
    lines: np.ndarray,
    settled: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Find the disparity that makes straight edges straight in space.

    Along a straight line of a picture, 1/z of one in space is linear. To either side it is taken as
    linear, too, as of a narrow plane; where the one side lies before the other, each has its own.
    The longest edge comes first, and what it has set stays.

    Args:
        disparity: (H, W) 1/z.
        known: (H, W) bool, where that is known.
        segments: (N, 4) ends of straight edges in pixels.
        lines: (N,) number of the line that each is a part of, as of `straight_segments`.
        settled: (H, W) bool, pixels that went with other edges before, and stay.

    Returns:
        (pixel, values): (P,) flat indices of pixels that go with an edge, each once, and their 1/z.
    """
    segment, pixel, along, aside = strips(longer(segments, END), disparity.shape, STRIP)
    whole = whole_lines(segments, lines)
    length = np.hypot(*(whole[:, 2:] - whole[:, :2]).T)
    middle = (segments[:, :2] + segments[:, 2:]) / 2
    along = along + np.hypot(*(middle - whole[lines, :2]).T)[segment]
    there = known.ravel()[pixel]
    first = np.searchsorted(lines[segment[there]], np.arange(len(whole) + 1))
    pixel, along, aside = pixel[there], along[there], aside[there]
    values = disparity.ravel().astype(np.float64)
    is_set = settled.ravel().copy()
    for number in np.argsort(-length, kind="stable"):
        own = slice(first[number], first[number + 1])
        at, terms = pixel[own], np.stack([np.ones(own.stop - own.start), along[own], aside[own]], 1)
        for part, broken, columns in _parts(values[at], aside[own]):
            here = at[part]
            if len(here) < _FEWEST:
                continue
            was = is_set[here]
            fitted, spread = _fitted(
                terms[part][:, :columns], values[here], np.where(was, _SET, 1.0)
            )
            if spread > broken:
                continue
            most = min(_ASTRAY * spread, _OFF) * np.abs(fitted)
            near = np.abs(fitted - values[here]) < most
            goes = ~was & near
            values[here[goes]] = fitted[goes]
            is_set[here[near]] = True
    pixel = np.flatnonzero(is_set & ~settled.ravel())
    return pixel, values[pixel].astype(np.float32)


def _parts(values: np.ndarray, aside: np.ndarray) -> list[tuple[np.ndarray, float, int]]:
    """What of a strip is one surface, how broken that may be, and the terms that describe it."""
    left, right = values[aside < -_SIDE], values[aside > _SIDE]
    one, other = (float(np.median(side)) if len(side) else 0.0 for side in (left, right))
    if not min(one, other) or max(one, other) < _GAP * min(one, other):
        return [(np.ones(len(values), bool), _BROKEN, 3)]
    behind = aside > 0.25 if one > other else aside < -0.25
    return [(~behind, _BROKEN, 2), (behind, _BROKEN_BEHIND, 2)]


def _fitted(terms: np.ndarray, values: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, float]:
    """Values of a linear fit, and its median error, relative to the median of the values."""
    weight = counts
    for rounds, is_last in zip(_ROUNDS, (False, True), strict=True):
        for _ in range(rounds):
            weighted = terms * weight[:, None]
            matrix = weighted.T @ terms + np.diag([1e-9, 1e-6, 1e-6][: terms.shape[1]])
            fitted = terms @ np.linalg.solve(matrix, weighted.T @ values)
            error = np.abs(values - fitted)
            middle = max(float(np.median(error)), 1e-9)
            if is_last:
                weight = np.maximum(1 - (error / (_OUTLYING * middle)) ** 2, 0) ** 2 + 1e-6
            else:
                weight = 1 / np.maximum(error, 0.3 * middle)
            weight = weight * counts
    return fitted, middle / max(float(np.median(values)), 1e-9)
