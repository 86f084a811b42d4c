"""Regions: pixels of one label that hang together."""

import numpy as np


def connected_components(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number the regions of pixels that have one label and touch by their sides.

    Args:
        labels: (H, W) whole numbers.

    Returns:
        (region, of_pixel): (R,) pixels in each region, and (H, W) the region of each pixel.
    """
    _, length, region = component_runs(labels)
    return np.bincount(region, length).astype(int), np.repeat(region, length).reshape(labels.shape)


def component_runs(
    labels: np.ndarray, diagonal: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number the regions of pixels that have one label, by their runs along rows.

    A run is as many pixels of one label in one row as follow each other. There are far fewer of
    them than pixels, so that what is asked of each region is cheaper asked of runs.

    Args:
        labels: (H, W) whole numbers or bool, H and W at least 1.
        diagonal: Pixels touch by their corners too, not only by their sides.

    Returns:
        (start, length, region): (R,) for each run, in the order of the flat picture, the flat index
        of its first pixel, its number of pixels and its region, numbered by first pixels.
    """
    height, width = labels.shape
    starts = np.ones(labels.shape, bool)
    starts[:, 1:] = labels[:, 1:] != labels[:, :-1]
    start = np.flatnonzero(starts)
    end = np.append(start[1:], labels.size)
    # What a run touches in the next row is what lies between these two pixels of it.
    below = (start // width + 1) * width
    first = np.maximum(start + width - diagonal, below)
    last = np.minimum(end + width + diagonal, below + width)
    low = np.searchsorted(end, first, "right")
    count = np.maximum(np.searchsorted(start, last) - low, 0)
    upper = np.repeat(np.arange(len(start)), count)
    lower = np.arange(len(upper)) + np.repeat(low - np.cumsum(count) + count, count)
    value = labels.ravel()[start]
    same = value[upper] == value[lower]
    root = _joined(len(start), upper[same], lower[same])
    region = np.cumsum(root == np.arange(len(root)), dtype=np.int32)[root] - 1
    return start, end - start, region


def remove_small_components(labels: np.ndarray, smallest: float) -> np.ndarray:
    """Give regions that are too small the label of what lies beside them.

    Args:
        labels: (H, W) whole numbers.
        smallest: Pixels that a region has at least to stay.

    Returns:
        (H, W) labels, a new array.
    """
    sizes, of_pixel = connected_components(labels)
    specks = (sizes < smallest)[of_pixel]
    if not specks.any() or specks.all():
        return labels.copy()
    nearest = _nearest_along_rows(~specks)
    flat = labels.ravel()
    return np.where(nearest >= 0, flat[nearest], labels)


def nearest_known(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Fill what is not known with the nearest known value of its row, or else of its column.

    Args:
        values: (H, W).
        known: (H, W) bool, at least one of them.

    Returns:
        (H, W), a new array.
    """
    along = _nearest_along_rows(known)
    filled = np.where(along >= 0, values.ravel()[along], values)
    rows = along[:, 0] >= 0  # a row that knows anything is known throughout
    if not rows.all():
        index = np.arange(len(rows))
        full = index[rows]
        filled = filled[full[np.abs(index[:, None] - full[None]).argmin(1)]]
    return filled


def _nearest_along_rows(known: np.ndarray) -> np.ndarray:
    """(H, W) flat index of the nearest known pixel of the same row, -1 where there is none."""
    height, width = known.shape
    columns = np.broadcast_to(np.arange(width, dtype=np.int32), known.shape)
    left = np.maximum.accumulate(np.where(known, columns, -1), axis=1)
    right = np.minimum.accumulate(np.where(known, columns, 2 * width)[:, ::-1], axis=1)[:, ::-1]
    to_left = np.where(left < 0, 2 * width, columns - left)
    nearest = np.where(to_left <= right - columns, left, right)
    nearest = np.where((left < 0) & (right >= width), -1, nearest)
    flat = nearest + np.arange(height, dtype=np.int32)[:, None] * width
    return np.where(nearest < 0, -1, flat)


def _joined(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Roots of `count` things of which pairs belong together: each hangs on the smallest."""
    root = np.arange(count, dtype=np.int32)
    while True:
        a, b = root[one], root[other]
        apart = a != b
        if not apart.any():
            return root
        one, other = one[apart], other[apart]
        a, b = a[apart], b[apart]
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while True:
            above = root[root]
            if np.array_equal(above, root):
                break
            root = above
