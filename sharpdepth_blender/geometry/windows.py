"""Windows: what lies about each pixel."""

import numpy as np


def share_about(mask: np.ndarray, radius: int) -> np.ndarray:
    """The share of a square of pixels, of those inside the picture, that a mask holds.

    Args:
        mask: (H, W) bool.
        radius: Pixels from its middle to its sides.

    Returns:
        (H, W) float32 in 0..1.
    """
    counts = mask
    area = np.ones((1, 1), np.intp)
    for axis in (0, 1):
        length = mask.shape[axis]
        index = np.arange(length)
        first, last = np.maximum(index - radius, 0), np.minimum(index + radius + 1, length)
        sums = np.zeros([n + (i == axis) for i, n in enumerate(mask.shape)], np.int32)
        np.cumsum(counts, axis, np.int32, sums[(slice(None),) * axis + (slice(1, None),)])
        counts = sums.take(last, axis) - sums.take(first, axis)
        area = area * np.expand_dims(last - first, 1 - axis)
    return counts / area.astype(np.float32)


def near_to(mask: np.ndarray, radius: int) -> np.ndarray:
    """Where a square of pixels, `radius` of them to each side, meets a mask; (H, W) bool."""
    return greatest_about(mask, radius)


def greatest_about(values: np.ndarray, radius: int) -> np.ndarray:
    """The greatest value in a square of pixels, `radius` of them to each side; (H, W)."""
    values = values.copy()
    for axis in (0, 1):
        reached, wanted = 0, min(int(radius), values.shape[axis])
        while reached < wanted:
            step = min(reached + 1, wanted - reached)  # what was reached reaches on
            before = values.copy()
            whole = (slice(None),) * axis
            to, source = (*whole, slice(step, None)), (*whole, slice(None, -step))
            np.maximum(values[to], before[source], out=values[to])
            np.maximum(values[source], before[to], out=values[source])
            reached += step
    return values


def value_at(values: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(N,) float32 of (H, W) values at N places, NaN beyond the picture's borders."""
    height, width = values.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    found = values[np.where(inside, rows, 0), np.where(inside, columns, 0)]
    return np.where(inside, found, np.float32(np.nan))
