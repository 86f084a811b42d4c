"""Continuation: values carried on from where they are known to where they are not."""

from collections.abc import Callable
from types import EllipsisType

import numpy as np

# Samples about a place by which its plane is found; fewer leave part of it to the coarser level.
_REACH = 2
_ENOUGH = 8.0
# Spread of the samples, in their distance squared, below which a slope is not believed.
_LEAST_SPREAD = 1e-6


def continue_values(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Carry values on smoothly, coarse to fine.

    Every unknown value is a mean of known ones, so none goes beyond their range.

    Args:
        values: (C, H, W) float32.
        known: (H, W) bool.

    Returns:
        (C, H, W) float32, the known ones as they were; zeros where nothing at all is known.
    """
    if known.all():
        return values.copy()
    return _filled(values, known.astype(np.float32))


def continue_planes(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Carry values on so that what is linear over the picture stays so, as 1/z is of a plane.

    About every place a plane is fitted to what is known there, at a scale at which enough is.

    Args:
        values: (H, W) float32, such as 1/z.
        known: (H, W) bool.

    Returns:
        (H, W) float32, the known ones as they were; zeros where nothing at all is known.
    """
    if known.all() or not known.any():
        return np.where(known, values, np.float32(0))
    middle = values[known].mean(dtype=np.float64)
    given = np.where(known, values - middle, 0).astype(np.float64)
    # The finest level would only repeat what the next one knows, at four times its cost.
    value, right, down = _doubled(_planes(_moments(known, given), 2), *known.shape)
    x, y = np.arange(values.shape[1]), np.arange(values.shape[0])[:, None]
    everywhere = value + right * x + down * y + middle
    return np.where(known, values, everywhere.astype(np.float32))


def _filled(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    height, width = weight.shape
    if height * width == 1:
        return values * (weight > 0)
    weighted = values * weight
    total = _quartered(weight)
    coarse = _quartered(weighted)
    coarse /= np.maximum(total, np.float32(1e-6))
    coarse = _filled(coarse, np.minimum(total, 1)) if total.min() < 1 else coarse
    smooth = _doubled(coarse, height, width)
    smooth *= 1 - weight
    smooth += weighted
    return smooth


def _quartered(values: np.ndarray) -> np.ndarray:
    """Sums of blocks of 2 x 2 of the last two axes; beyond the end there is nothing."""
    height, width = values.shape[-2:]
    if height % 2 or width % 2:
        values = np.pad(values, [(0, 0)] * (values.ndim - 2) + [(0, height % 2), (0, width % 2)])
    across = values[..., ::2] + values[..., 1::2]
    return across[..., ::2, :] + across[..., 1::2, :]


def _doubled(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """Bilinear, at twice the size, cut to a size."""
    rows = np.empty((*values.shape[:-2], 2 * values.shape[-2], values.shape[-1]), values.dtype)
    _interleave(values, rows, lambda part: (..., part, slice(None)))
    rows = rows[..., :height, :]
    both = np.empty((*rows.shape[:-1], 2 * rows.shape[-1]), values.dtype)
    _interleave(rows, both, lambda part: (..., part))
    return both[..., :width]


def _interleave(
    values: np.ndarray, larger: np.ndarray, at: Callable[[slice], tuple[slice | EllipsisType, ...]]
) -> None:
    """Fill every second place of an axis from a quarter before it, the others from one after."""
    most = values * values.dtype.type(0.75)
    little = values * values.dtype.type(0.25)
    first, rest = slice(None, 1), slice(1, None)
    last, others = slice(-1, None), slice(None, -1)
    np.add(most[at(rest)], little[at(others)], out=larger[at(slice(2, None, 2))])
    np.add(most[at(first)], little[at(first)], out=larger[at(first)])
    np.add(most[at(others)], little[at(rest)], out=larger[at(slice(1, -1, 2))])
    np.add(most[at(last)], little[at(last)], out=larger[at(last)])


def _moments(known: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Moments of blocks of 2 x 2 pixels, of which each is at half a pixel from the middle."""
    height, width = known.shape
    total = np.zeros((9, -(-height // 2), -(-width // 2)))
    padding = (0, height % 2), (0, width % 2)
    known, values = np.pad(known, padding).astype(np.float64), np.pad(values, padding)
    for row, y in ((0, -0.5), (1, 0.5)):
        for column, x in ((0, -0.5), (1, 0.5)):
            one, v = known[row::2, column::2], values[row::2, column::2]
            part = (one, x * one, y * one, x * x * one, x * y * one, y * y * one, v, x * v, y * v)
            total += np.stack(part)
    return total


def _planes(moments: np.ndarray, spacing: int) -> np.ndarray:
    """Planes about each sample of a level: (value at pixel 0, 0, change a pixel right, and down).

    Args:
        moments: (9, H, W) sums of 1, x, y, xx, xy, yy, v, xv, yv about each sample's own place.
        spacing: Pixels between samples, of which the first lies at `(spacing - 1) / 2`.
    """
    height, width = moments.shape[1:]
    wide = _gathered(_gathered(moments, spacing, 2), spacing, 1)
    value, right, down = _solved(wide, spacing)
    x = np.arange(width) * spacing + (spacing - 1) / 2
    y = np.arange(height) * spacing + (spacing - 1) / 2
    planes = np.stack([value - right * x - down * y[:, None], right, down])
    sure = np.minimum(wide[0] / (_ENOUGH * spacing**2), 1)
    if height * width == 1 or sure.min() >= 1:
        return planes
    coarse = _planes(_coarser(moments, spacing), 2 * spacing)
    return planes * sure + _doubled(coarse, height, width) * (1 - sure)


def _coarser(moments: np.ndarray, spacing: int) -> np.ndarray:
    """Moments of blocks of 2 x 2 samples, about the middle of each block."""
    height, width = moments.shape[1:]
    quarters = np.pad(moments, [(0, 0), (0, height % 2), (0, width % 2)])
    total = np.zeros_like(quarters[:, ::2, ::2])
    for row, down in ((0, -spacing / 2), (1, spacing / 2)):
        for column, right in ((0, -spacing / 2), (1, spacing / 2)):
            part = quarters[:, row::2, column::2]
            total += _shifted(_shifted(part, right, 2), down, 1)
    return total


def _solved(moments: np.ndarray, spacing: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The plane of each place: (value there, change a pixel right, and down); zeros of nothing."""
    one, x, y, xx, xy, yy, v, xv, yv = moments / np.maximum(moments[:1], 1e-12)
    least = _LEAST_SPREAD * spacing**2
    xx, yy, xy = xx - x * x + least, yy - y * y + least, xy - x * y
    xv, yv = xv - x * v, yv - y * v
    whole = xx * yy - xy * xy
    right, down = (yy * xv - xy * yv) / whole, (xx * yv - xy * xv) / whole
    return v - right * x - down * y, right, down


def _gathered(moments: np.ndarray, spacing: int, axis: int) -> np.ndarray:
    """Moments of a place and its neighbors along an axis, as seen from that place."""
    total = moments.copy()
    length = moments.shape[axis]
    for step in range(1, min(_REACH, length - 1) + 1):
        for sign in (-1, 1):
            to = [slice(None)] * 3
            source = [slice(None)] * 3
            to[axis] = slice(step, None) if sign < 0 else slice(None, -step)
            source[axis] = slice(None, -step) if sign < 0 else slice(step, None)
            total[tuple(to)] += _shifted(moments[tuple(source)], sign * step * spacing, axis)
    return total


def _shifted(moments: np.ndarray, by: float, axis: int) -> np.ndarray:
    """Moments about a place from which their own lies `by` pixels along an axis."""
    one, x, y, xx, xy, yy, v, xv, yv = moments
    if axis == 2:
        return np.stack([one, x + by * one, y, xx + 2 * by * x + by**2 * one, xy + by * y, yy,
                         v, xv + by * v, yv])  # fmt: skip
    return np.stack([one, x, y + by * one, xx, xy + by * x, yy + 2 * by * y + by**2 * one,
                     v, xv, yv + by * v])  # fmt: skip
