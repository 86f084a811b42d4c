"""Measurement: metric depth that somebody else measured, as the engine and a picture need it."""

import numpy as np

# Beyond this nothing was measured: Blender writes 1e10 where it sees no surface.
_FARTHEST = 1e9
# Neighbors of a larger ratio are two surfaces, between which there is no depth.
_SAME_SURFACE = 1.1


def clean_measurement(depth: np.ndarray, unit: float = 1.0) -> np.ndarray:
    """Bring values of a file to meters.

    Args:
        depth: (H, W) numbers; not finite, not above zero, or 1e9 and more is a hole.
        unit: Meters that a value of 1 means.

    Returns:
        (H, W) float32 meters, holes 0.
    """
    depth = np.asarray(depth, np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        meters = depth * np.float32(unit)
        here = (depth > 0) & (depth < _FARTHEST) & np.isfinite(meters)
    return np.where(here, meters, np.float32(0))


def fit_measurement(depth: np.ndarray, width: int, height: int) -> np.ndarray:
    """Resample measured depth to a picture's size, without depth between two surfaces.

    Of a larger map each pixel of the picture gets the measured sample nearest to its middle, so
    that sparse ones are not lost; a smaller one is interpolated on each surface, and between
    surfaces and holes the nearest sample stands.

    Args:
        depth: (H, W) float32 meters, holes 0.
        width: Of the picture, pixels.
        height: Likewise.

    Returns:
        (height, width) float32 meters, holes 0.

    Raises:
        ValueError: The sides are not in the picture's proportions: a clause that follows its name.
    """
    rows, columns = depth.shape
    if (rows, columns) == (height, width):
        return depth
    if not has_proportions(columns, rows, width, height):
        raise ValueError(
            f"is of {columns} x {rows} pixels, which are not the proportions of the "
            f"picture's {width} x {height}"
        )
    if columns >= width:
        return _gathered(depth, width, height)
    return _interpolated(depth, width, height)


def has_proportions(columns: int, rows: int, width: int, height: int) -> bool:
    """Whether a map of `columns` x `rows` is of a picture of `width` x `height` pixels, resized."""
    if (columns, rows) == (width, height):
        return True
    # Both sides may have been rounded, but of one that is the same nothing was.
    rounded = 0.5 + 0.5 * max(width / height, height / width)
    off = max(abs(columns - rows * width / height), abs(rows - columns * height / width))
    return rows != height and columns != width and off <= rounded


def _gathered(depth: np.ndarray, width: int, height: int) -> np.ndarray:
    rows, columns = depth.shape
    row, column = np.nonzero(depth)
    v, u = (row + 0.5) * height / rows, (column + 0.5) * width / columns
    to_row, to_column = v.astype(np.intp), u.astype(np.intp)
    away = (v - to_row - 0.5) ** 2 + (u - to_column - 0.5) ** 2
    order = np.argsort(-away, kind="stable")  # of several, the last one stays
    fitted = np.zeros((height, width), np.float32)
    fitted[to_row[order], to_column[order]] = depth[row[order], column[order]]
    return fitted


def _interpolated(depth: np.ndarray, width: int, height: int) -> np.ndarray:
    rows, columns = depth.shape
    top, below, down = _between(height, rows)
    left, right, across = _between(width, columns)
    corners = np.stack([depth[np.ix_(v, u)] for v in (top, below) for u in (left, right)])
    weights = np.stack(
        [np.outer(a, b) for a in (1 - down, down) for b in (1 - across, across)]
    ).astype(np.float32)
    low, high = corners.min(0), corners.max(0)
    smooth = (corners * weights).sum(0).clip(low, high)
    nearest = np.take_along_axis(corners, weights.argmax(0)[None], 0)[0]
    return np.where((low > 0) & (high <= _SAME_SURFACE * low), smooth, nearest)


def _between(length: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each of `length` middles: the sample before, the one after, and how far it is along."""
    place = np.clip((np.arange(length) + 0.5) * count / length - 0.5, 0, count - 1)
    before = place.astype(np.intp)
    return before, np.minimum(before + 1, count - 1), place - before
