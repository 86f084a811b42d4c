"""Relief: the depth of a layer over its whole frame, on a grid of its own."""

import math
from collections.abc import Sequence

import numpy as np

from ..inpaint import continue_planes
from ..intrinsics import Intrinsics
from ..windows import greatest_about, near_to, value_at

# Share of a layer's range of 1/z by which what is carried on may leave it, so that slopes end as
# they began; and the share of the least 1/z that stays, since no surface passes infinity.
_SLACK, _LEAST = 0.1, 0.1
# A surface is uneven by up to this share of 1/z; what differs more is another thing.
_UNEVEN = 0.06
# Planes go on so many times nearer than a layer is, and farther.
_BEYOND = 4.0


def sample_places(length: int, before: int, after: int, step: int) -> np.ndarray:
    """Pixels of the picture at which samples lie, less a half, which may be beyond its ends."""
    return np.arange((length + before + after) // step) * step - before + (step - 1) / 2


def grid_step(longest: int, samples: int) -> int:
    """Pixels between samples: so many of these at most on a side, some of them beyond its ends."""
    return max(1, math.ceil(longest / (samples - 3)))


def continue_depth(
    depth: np.ndarray,
    known: np.ndarray,
    borders: Sequence[int],
    support: np.ndarray,
    seen: np.ndarray,
    bounds: tuple[float, float],
    limits: tuple[float, float],
    step: int,
    planes: np.ndarray | None = None,
) -> np.ndarray:
    """Carry a layer's depth on over its frame, so that planes stay planes.

    Args:
        depth: (H, W) meters.
        known: (H, W) bool, pixels whose depth is the layer's own.
        borders: (left, right, top, bottom) pixels of the frame beyond the picture.
        support: (H + top + bottom, W + left + right) bool, where the layer shows anything; both
            sides are multiples of the step.
        seen: (H, W) bool, pixels of the picture at which nothing hides the layer.
        bounds: (nearest, farthest) meters of what is known, between which it stays but for a
            little; beyond the picture's borders for as much more as a plane through both does.
        limits: (nearest, farthest) meters that it never leaves, for other layers are there; planes
            do so where nobody sees them.
        step: Pixels between samples.
        planes: (h, w) 1/z of planes at the samples, which the layer goes on along where it is not
            known; 0 for none.

    Returns:
        (h, w) float32 meters at the middle of each block of `step` pixels, 0 where the layer and
        the blocks beside it show nothing.
    """
    left, right, top, bottom = borders
    disparity = np.where(known, 1 / np.where(known, depth, 1), 0).astype(np.float32)
    pad = ((top, bottom), (left, right))
    count = _blocks(np.pad(known, pad).astype(np.float32), step)
    mean = _blocks(np.pad(disparity, pad), step) / np.maximum(count, 1)
    nearest, farthest = bounds
    whole = continue_planes(mean, count > 0)
    near, far = min(limits[0], nearest), max(limits[1], farthest)
    slack = (1 / nearest - 1 / farthest) * (_SLACK + _beyond(depth.shape, borders, step))
    least = np.maximum(1 / farthest - slack, max(_LEAST / farthest, 1 / far))
    most = np.minimum(1 / nearest + slack, 1 / max(near, 1e-12))
    whole = np.clip(whole, least, most)
    if planes is not None:
        beyond = np.clip(planes, 1 / (_BEYOND * farthest), _BEYOND / nearest)
        held = near_to(_blocks(np.pad(seen, pad).astype(np.float32), step) > 0, 1)
        beyond = np.where(held, np.clip(beyond, 1 / far, 1 / max(near, 1e-12)), beyond)
        whole = np.where(planes != 0, beyond, whole)
    whole = np.where(count > 0, mean, whole)
    return lay_surface(whole, support, step)


def behind(disparity: np.ndarray, nearer: np.ndarray, step: int) -> np.ndarray:
    """Hold planes that a layer goes on along behind what stands before it.

    Two grids differ between their samples where a surface has a crease or a step, and one would
    show through the other: there planes stay behind by as much as that may be, and beside a step
    behind its farther side.

    Args:
        disparity: (h, w) 1/z of the planes, 0 for none.
        nearer: (h * step, w * step) meters of what is before them, 0 where nothing is.
        step: Pixels between samples.

    Returns:
        (h, w) 1/z, 0 where it was.
    """
    lower = _lower_side(nearer, 2 * step + 1)
    # Samples lie on pixels, or in the middle between two.
    ends = ((step - 1) // 2, step // 2)
    corners = [lower[down::step, right::step] for down in ends for right in ends]
    mean = np.mean(corners, axis=0)
    limit = np.where(np.isfinite(mean), mean, np.min(corners, axis=0))
    return np.minimum(disparity, limit).astype(np.float32)


def _lower_side(depth: np.ndarray, reach: int) -> np.ndarray:
    """(H, W) 1/z of what is lowest about each pixel, but for its slope; inf for no depth.

    That is 1/z less all by which it is off a plane within so many pixels. Beside a step it is that
    of the farther side, carried on up to the pixel.
    """
    there = depth > 0
    disparity = np.where(there, 1 / np.where(there, depth, 1), np.nan).astype(np.float32)
    off, steps = np.zeros_like(disparity), np.zeros_like(there)
    for axis in (0, 1):
        sides = [np.roll(disparity, by, axis) for by in (-reach, reach)]
        for side, end in zip(sides, (slice(-reach, None), slice(reach)), strict=True):
            side[(slice(None),) * axis + (end,)] = np.nan
        bend = np.abs(sides[0] + sides[1] - 2 * disparity)
        np.fmax(off, np.where(bend < _UNEVEN * disparity, bend, 0), out=off)
        for side in (*sides, sides[0] + sides[1] - disparity):
            steps |= np.abs(side - disparity) >= _UNEVEN * disparity
    rows, columns = np.nonzero(steps)
    own = lower = disparity[rows, columns]
    for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        near, middle, far = (
            value_at(disparity, rows + by * down, columns + by * right)
            for by in (reach, reach + reach // 2, reach + 2 * (reach // 2))
        )
        is_flat = np.abs(near + far - 2 * middle) < _UNEVEN / 4 * near
        carried = near - (far - near) * (reach / (2 * (reach // 2)))
        fallen = np.where(near < (1 - _UNEVEN) * own, near, own)
        lower = np.fmin(lower, np.where(is_flat, carried, fallen))
    disparity[rows, columns] = lower
    return np.where(there, disparity - greatest_about(off, reach), np.float32(np.inf))


def depth_at(depth: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The depth of a relief between its samples.

    Args:
        depth: (h, w) as `continue_depth` returns it.
        rows: (H,) places among its rows, which may be beyond the first and the last one.
        columns: (W,) likewise.

    Returns:
        (H, W) float32 meters, 0 where the relief has none.
    """
    there = depth > 0
    disparity = np.where(there, 1 / np.where(there, depth, 1), np.float32(np.nan))
    for axis, places in ((0, rows), (1, columns)):
        last = disparity.shape[axis] - 1
        first = np.clip(places.astype(np.intp), 0, max(last - 1, 0))
        share = np.expand_dims((places - first).astype(np.float32), 1 - axis)
        low = disparity.take(first, axis)
        disparity = low + (disparity.take(np.minimum(first + 1, last), axis) - low) * share
    return np.where(disparity > 0, 1 / disparity, np.float32(0))


def lay_plane(
    disparity: np.ndarray,
    borders: Sequence[int],
    support: np.ndarray,
    bounds: tuple[float, float],
    limits: tuple[float, float],
    step: int,
) -> np.ndarray:
    """The depth of a plane over a layer's frame.

    Where it would leave the layer's limits inside the picture, or run to its horizon, a card that
    faces the camera goes on from it without a step.

    Args:
        disparity: (h, w) 1/z of it in the middle of each block of `step` pixels.
        borders: As of `continue_depth`, like what follows.
        support: Likewise.
        bounds: Likewise.
        limits: Likewise.
        step: Likewise.

    Returns:
        As `continue_depth`.
    """
    left, right, top, bottom = borders
    shape = support.shape[0] - top - bottom, support.shape[1] - left - right
    nearest, farthest = bounds
    # Not at samples between which the picture's border lies.
    away = np.maximum(_beyond(shape, borders, step) - step / min(shape), 0)
    slack = (1 / nearest - 1 / farthest) * away
    least = np.maximum(1 / max(limits[1], farthest) - slack, 1 / (_BEYOND * farthest))
    most = np.minimum(1 / max(min(limits[0], nearest), 1e-12) + slack, _BEYOND / nearest)
    return lay_surface(np.clip(disparity, least, most), support, step)


def lay_surface(disparity: np.ndarray, support: np.ndarray, step: int) -> np.ndarray:
    """The depth of a surface over a layer's frame.

    Args:
        disparity: (h, w) 1/z of it in the middle of each block of `step` pixels.
        support: As of `continue_depth`.
        step: Pixels between samples.

    Returns:
        As `continue_depth`.
    """
    shown = near_to(_blocks(support.astype(np.float32), step) > 0, 1)
    there = shown & (disparity > 0)
    return np.where(there, 1 / np.maximum(disparity, 1e-12), 0).astype(np.float32)


def dome(
    radius: float, intrinsics: Intrinsics, places: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """A sphere about the camera.

    Args:
        radius: Meters.
        intrinsics: Of the picture.
        places: (h,) rows and (w,) columns of the samples, as of `sample_places`.

    Returns:
        (h, w) 1/z.
    """
    rows, columns = places
    down = (rows + 0.5 - intrinsics.cy) / intrinsics.fy
    across = (columns + 0.5 - intrinsics.cx) / intrinsics.fx
    return np.sqrt(1 + np.square(across) + np.square(down)[:, None]) / radius


def _beyond(shape: Sequence[int], borders: Sequence[int], step: int) -> np.ndarray:
    """How far the blocks of a frame lie beyond the picture, in shares of its sides; (h, w)."""
    left, right, top, bottom = borders
    away = []
    for length, before, after in ((shape[0], top, bottom), (shape[1], left, right)):
        middle = np.arange(-before + step / 2, length + after, step)
        away.append(np.maximum(np.maximum(-middle, middle - length), 0) / length)
    return np.maximum(away[0][:, None], away[1]).astype(np.float32)


def _blocks(values: np.ndarray, step: int) -> np.ndarray:
    """Sums of blocks of step x step."""
    if step == 1:
        return values
    height, width = values.shape
    return values.reshape(height // step, step, width // step, step).sum((1, 3))
