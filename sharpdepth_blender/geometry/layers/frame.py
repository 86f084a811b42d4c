"""Frame: one picture plane with other borders, so that each ray keeps its pixel."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..intrinsics import Intrinsics

# Pixels, as a share of one, within which two pictures' pixels lie over each other.
_ALIGNED = 1e-3


def borders_to(frame: Intrinsics, wanted: Intrinsics) -> tuple[int, int, int, int]:
    """How many pixels a frame lacks to show all that another one of the same camera shows.

    Args:
        frame: Intrinsics of the one, which keeps its pixels.
        wanted: Intrinsics of the other one, of any resolution.

    Returns:
        (left, right, top, bottom) pixels of the first frame, 0 or more.
    """
    across, down = frame.fx / wanted.fx, frame.fy / wanted.fy
    left = wanted.cx * across - frame.cx
    top = wanted.cy * down - frame.cy
    right = (wanted.width - wanted.cx) * across - (frame.width - frame.cx)
    bottom = (wanted.height - wanted.cy) * down - (frame.height - frame.cy)
    lacking = (max(0, math.ceil(each - _ALIGNED)) for each in (left, right, top, bottom))
    return tuple(lacking)  # type: ignore[return-value]  # four


def with_borders(frame: Intrinsics, borders: Sequence[int]) -> Intrinsics:
    """A frame with so many pixels more on its (left, right, top, bottom)."""
    left, right, top, bottom = borders
    return replace(
        frame,
        cx=frame.cx + left,
        cy=frame.cy + top,
        width=frame.width + left + right,
        height=frame.height + top + bottom,
    )


def sides_of(intrinsics: Intrinsics) -> tuple[int, int, int, int]:
    """Lengths along which the (left, right, top, bottom) border moves outwards."""
    return (intrinsics.width,) * 2 + (intrinsics.height,) * 2


def add_borders(values: np.ndarray, borders: Sequence[int]) -> np.ndarray:
    """(H, W, channels) values with borders of zeros, as `with_borders` has it."""
    left, right, top, bottom = borders
    return np.pad(values, ((top, bottom), (left, right), (0, 0)))


def common_windows(
    frame: Intrinsics, other: Intrinsics
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """What two frames of one picture have in common: (rows, columns) of the one, and the other."""
    here, there = [], []
    for center, side in (("cy", "height"), ("cx", "width")):
        offset = round(getattr(other, center) - getattr(frame, center))
        first = max(0, -offset)
        last = max(first, min(getattr(frame, side), getattr(other, side) - offset))
        here.append(slice(first, last))
        there.append(slice(first + offset, last + offset))
    return (here[0], here[1]), (there[0], there[1])


def seen_in(values: np.ndarray, frame: Intrinsics, wanted: Intrinsics) -> np.ndarray:
    """What a picture shows along the rays of another frame's pixels.

    Pixels that lie over each other are copied; others are mixed of the four about them.

    Args:
        values: (H, W, channels) of the frame's size, premultiplied where it has alpha.
        frame: Intrinsics of the picture.
        wanted: Intrinsics of the other frame, of the same camera.

    Returns:
        (wanted.height, wanted.width, channels) float32, 0 where the picture does not reach.
    """
    columns = _places(frame.fx, frame.cx, wanted.fx, wanted.cx, wanted.width)
    rows = _places(frame.fy, frame.cy, wanted.fy, wanted.cy, wanted.height)
    mixed = _mixed(np.asarray(values, np.float32), rows, 0)
    return _mixed(mixed, columns, 1)


def _places(
    focal: float, center: float, wanted_focal: float, wanted_center: float, count: int
) -> np.ndarray:
    """Index of a picture at each pixel of another one along a side, whole where they align."""
    places = (np.arange(count) + 0.5 - wanted_center) * (focal / wanted_focal) + center - 0.5
    near = np.round(places)
    return near if np.abs(places - near).max() < _ALIGNED else places


def _mixed(values: np.ndarray, places: np.ndarray, axis: int) -> np.ndarray:
    first = np.floor(places).astype(np.intp)
    share = (places - first).astype(np.float32)
    found = _taken(values, first, axis)
    if share.any():
        shape = [1] * values.ndim
        shape[axis] = len(share)
        share = share.reshape(shape)
        found = found * (1 - share) + _taken(values, first + 1, axis) * share
    return found


def _taken(values: np.ndarray, index: np.ndarray, axis: int) -> np.ndarray:
    last = values.shape[axis] - 1
    found = values.take(np.clip(index, 0, last), axis)
    outside = (index < 0) | (index > last)
    if outside.any():
        found[(slice(None),) * axis + (outside,)] = 0
    return found
