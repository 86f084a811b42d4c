"""Relief: the depth of a layer over its whole frame, on a grid of its own."""

import math
from collections.abc import Sequence

import numpy as np

from ..inpaint import continue_planes
from ..intrinsics import Intrinsics
from ..windows import near_to

# Share of a layer's range of 1/z by which what is carried on may leave it, so that slopes end as
# they began; and the share of the least 1/z that stays, since no surface passes infinity.
_SLACK, _LEAST = 0.1, 0.1
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
        bounds: (nearest, farthest) meters of what is known, between which it stays but for a
            little; beyond the picture's borders for as much more as a plane through both does.
        limits: (nearest, farthest) meters that it never leaves, for other layers are there.
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
        whole = np.where(planes != 0, beyond, whole)
    whole = np.where(count > 0, mean, whole)
    return _depth_where_shown(whole, support, step)


def behind(
    disparity: np.ndarray, nearer: np.ndarray, places: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Hold planes that a layer goes on along behind what stands before it.

    Args:
        disparity: (h, w) 1/z of the planes, 0 for none.
        nearer: (H, W) meters of what is before them in the picture, 0 where nothing is.
        places: (h,) rows and (w,) columns of the samples, as of `sample_places`.

    Returns:
        (h, w) 1/z, 0 where it was.
    """
    rows, columns = (
        np.clip(np.rint(each).astype(np.intp), 0, size - 1)
        for each, size in zip(places, nearer.shape, strict=True)
    )
    inside = [
        (each > -0.6) & (each < n - 0.4) for each, n in zip(places, nearer.shape, strict=True)
    ]
    most = nearer[np.ix_(rows, columns)]
    held = (most > 0) & inside[0][:, None] & inside[1]
    limit = np.where(held, 1 / np.where(held, most, 1), np.inf)
    return np.minimum(disparity, limit).astype(np.float32)


def lay_surface(
    disparity: np.ndarray, support: np.ndarray, bounds: tuple[float, float], step: int
) -> np.ndarray:
    """The depth of a plane or a dome over a layer's frame.

    Where it would be far nearer than the layer is, or farther, up to its horizon, a card that faces
    the camera goes on from it without a step.

    Args:
        disparity: (h, w) 1/z of it in the middle of each block of `step` pixels.
        support: As of `continue_depth`.
        bounds: (nearest, farthest) meters of the layer.
        step: Pixels between samples.

    Returns:
        As `continue_depth`.
    """
    nearest, farthest = bounds
    held = np.clip(disparity, 1 / (_BEYOND * farthest), _BEYOND / nearest)
    return _depth_where_shown(held, support, step)


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


def _depth_where_shown(disparity: np.ndarray, support: np.ndarray, step: int) -> np.ndarray:
    shown = near_to(_blocks(support.astype(np.float32), step) > 0, 1)
    there = shown & (disparity > 0)
    return np.where(there, 1 / np.maximum(disparity, 1e-12), 0).astype(np.float32)


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
