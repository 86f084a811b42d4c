"""Regions: pixels of one label that hang together."""

import numpy as np


def regions(labels):
    """Number the regions of pixels that have one label and touch by their sides.

    Args:
        labels: (H, W) whole numbers.

    Returns:
        (region, of_pixel): (R,) pixels in each region, and (H, W) the region of each pixel.
    """
    height, width = labels.shape
    starts = np.ones(labels.shape, bool)
    starts[:, 1:] = labels[:, 1:] != labels[:, :-1]
    run = np.cumsum(starts, dtype=np.int32).reshape(height, width) - 1  # along rows
    touching = labels[1:] == labels[:-1]
    upper, lower = run[:-1][touching], run[1:][touching]
    new = np.ones(len(upper), bool)
    new[1:] = (upper[1:] != upper[:-1]) | (lower[1:] != lower[:-1])
    root = _joined(int(run[-1, -1]) + 1, upper[new], lower[new])
    _, number = np.unique(root, return_inverse=True)
    of_pixel = number.reshape(-1).astype(np.int32)[run]
    return np.bincount(of_pixel.ravel()), of_pixel


def without_specks(labels, smallest):
    """Give regions that are too small the label of what lies beside them.

    Args:
        labels: (H, W) whole numbers.
        smallest: Pixels that a region has at least to stay.

    Returns:
        (H, W) labels, a new array.
    """
    sizes, of_pixel = regions(labels)
    specks = (sizes < smallest)[of_pixel]
    if not specks.any() or specks.all():
        return labels.copy()
    nearest = _nearest_along_rows(~specks)
    flat = labels.ravel()
    return np.where(nearest >= 0, flat[nearest], labels)


def nearest_known(values, known):
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


def _nearest_along_rows(known):
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


def _joined(count, one, other):
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
