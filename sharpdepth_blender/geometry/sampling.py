"""Sampling: which pixels of a depth map become vertices.

In single precision and in this order of operations throughout, so that the nodes of the live
surface, which compute the same, pick the same pixels.
"""

import numpy as np

from .intrinsics import Intrinsics


def sample_counts(width: int, height: int, resolution: int) -> tuple[int, int]:
    """How many samples are taken along each side.

    Args:
        width: Picture width in pixels.
        height: Picture height in pixels.
        resolution: Samples along the longer side; more than there are pixels means all of them.

    Returns:
        (columns, rows), in the picture's proportions, at least 2 of each where there are 2 pixels.
    """
    share = np.minimum(np.float32(1), np.float32(resolution) / np.float32(max(width, height)))

    def count(side: int) -> int:
        return min(side, max(2, int(np.floor(np.float32(side) * share + np.float32(0.5)))))

    return count(width), count(height)


def sample_positions(length: int, count: int) -> np.ndarray:
    """Pick `count` of `length` pixels, evenly, the first and the last among them.

    Returns:
        (count,) ascending indices.
    """
    index = np.arange(count, dtype=np.float32)
    last = np.float32(max(count - 1, 1))
    positions = np.floor(index * np.float32(length - 1) / last + np.float32(0.5))
    return positions.astype(np.intp)


def thin(values: np.ndarray, intrinsics: Intrinsics, longest: int) -> tuple[np.ndarray, Intrinsics]:
    """Take fewer pixels of a map, for a first look at it.

    Each one stands for the part of the picture around it, and the intrinsics are those of the new
    size. What it tells lies up to half an old pixel beside the middle of that part.

    Args:
        values: (H, W) or (H, W, channels).
        intrinsics: Of that size.
        longest: Pixels along the longer side, at most; >= 2.

    Returns:
        (values, intrinsics) of the new size.
    """
    height, width = values.shape[:2]
    columns, rows = sample_counts(width, height, longest)
    return nearest(values, columns, rows), intrinsics.resized(columns, rows)


def nearest(values: np.ndarray, width: int, height: int) -> np.ndarray:
    """A map in another size, each pixel that of the old one in which its middle lies.

    Args:
        values: (H, W) or (H, W, channels).
        width: New one in pixels.
        height: Likewise.

    Returns:
        (height, width) or (height, width, channels).
    """
    sides = zip(values.shape, (height, width), strict=False)
    return values[np.ix_(*(_middles(*each) for each in sides))]


def _middles(length: int, count: int) -> np.ndarray:
    return ((np.arange(count) + 0.5) * length / count).astype(np.intp)
