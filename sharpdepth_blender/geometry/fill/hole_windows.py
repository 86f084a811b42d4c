"""Hole windows: the parts of a picture about its holes."""

import math

import numpy as np

# What is shown about a hole, as a share of its sides.
_CONTEXT = 1 / 6


def hole_windows(
    hole: np.ndarray, most: int, least: int, multiple: int
) -> list[tuple[slice, slice]]:
    """Part a picture's holes, each with what is about it.

    Args:
        hole: (H, W) bool.
        most: Pixels along the longer side of a part of the hole.
        least: Pixels along the sides of a window, where the picture has so many.
        multiple: Of which sides are multiples, where the picture allows it.

    Returns:
        (rows, columns) of windows, which hold all of the hole, from the top left.
    """
    windows = []
    for top, bottom, left, right in _parts(hole, 0, 0, most):
        sides = []
        for start, end, length in ((top, bottom, hole.shape[0]), (left, right, hole.shape[1])):
            wanted = max(least, math.ceil((end - start) * (1 + 2 * _CONTEXT)))
            wanted = min(math.ceil(wanted / multiple) * multiple, length)
            first = (start + end - wanted) // 2
            first = min(max(first, 0), length - wanted)
            sides.append(slice(first, first + wanted))
        windows.append((sides[0], sides[1]))
    return windows


def _parts(hole: np.ndarray, row: int, column: int, most: int) -> list[tuple[int, int, int, int]]:
    """(top, bottom, left, right) of parts of a hole that are no larger than they may be."""
    rows, columns = (np.flatnonzero(hole.any(axis)) for axis in (1, 0))
    if not rows.size:
        return []
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    if max(bottom - top, right - left) <= most:
        return [(int(row + top), int(row + bottom), int(column + left), int(column + right))]
    if bottom - top >= right - left:
        middle = (top + bottom) // 2
        halves = [
            (hole[top:middle], row + top, column),
            (hole[middle:bottom], row + middle, column),
        ]
    else:
        middle = (left + right) // 2
        halves = [
            (hole[:, left:middle], row, column + left),
            (hole[:, middle:right], row, column + middle),
        ]
    return [part for half in halves for part in _parts(*half, most)]
