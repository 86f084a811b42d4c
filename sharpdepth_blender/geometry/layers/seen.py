"""Seen: which pixels of a layer's picture another camera sees, and which the picture measured."""

import numpy as np

from ..intrinsics import Intrinsics
from ..windows import near_to

# Pixels of the layer along a pixel of the frame, at most: a surface seen from its side has more.
_MOST = 16
# How many times as deep a pixel beside one on the same surface may be.
_STEEP = 1.25


def measured_pixels(
    labels: np.ndarray, index: int, picture: Intrinsics, frame: Intrinsics
) -> np.ndarray:
    """Where the picture shows a layer, alone or mixed with what is behind it.

    Args:
        labels: (H, W) of the picture's pixels, as of `label_pixels`.
        index: Of the layer, 0 for the first.
        picture: Of the picture.
        frame: Of the layer's own picture, seen by the same camera.

    Returns:
        (frame.height, frame.width) bool; False beyond the picture's borders, and where something
        nearer, or nothing that is kept, hides the layer.
    """
    columns, across = _places(frame.width, frame.cx, frame.fx, picture.cx, picture.fx, labels, 1)
    rows, down = _places(frame.height, frame.cy, frame.fy, picture.cy, picture.fy, labels, 0)
    found: np.ndarray = labels[rows][:, columns] >= index
    return found & across & down[:, None]


def places_in_layer(
    depth: np.ndarray, frame: Intrinsics, to_layer: np.ndarray, layer: Intrinsics
) -> np.ndarray:
    """Where the pixels of a frame lie in a layer's picture.

    Args:
        depth: (H, W) z-depth of the frame's pixels; 0 for those that do not count. Nor do those
            that none of their neighbors is like: at an edge depth may be of another surface.
        frame: Of that size.
        to_layer: (4, 4) from the frame's camera space to that of the layer.
        layer: Of the layer's picture.

    Returns:
        (2, H, W) float32 u and v in pixels; NaN where nothing counts, or not before the camera that
        the layer was made for.
    """
    x = ((np.arange(frame.width) + 0.5 - frame.cx) / frame.fx).astype(np.float32)
    y = ((np.arange(frame.height) + 0.5 - frame.cy) / -frame.fy).astype(np.float32)[:, None]
    depth = np.where((depth > 0) & _has_company(depth), depth, np.float32(np.nan))
    matrix = to_layer.astype(np.float32)
    across, up, back = (depth * (row[0] * x + (row[1] * y - row[2])) + row[3] for row in matrix[:3])
    z = np.where(back < 0, -back, np.float32(np.nan))
    return np.stack([layer.fx * across / z + layer.cx, layer.cy - layer.fy * up / z])


def mark_seen(places: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Mark the pixels of a layer's picture that those of a frame cover.

    Each pixel of the frame covers as much about its middle as is nearer to it than to the next
    pixel of the same surface.

    Args:
        places: (2, H, W), as of `places_in_layer`.
        wanted: (h, w) bool, pixels of the layer that are asked for.

    Returns:
        (h, w) bool, some of those.
    """
    seen = np.zeros_like(wanted)
    if not wanted.any():
        return seen
    height, width = wanted.shape
    with np.errstate(invalid="ignore"):  # of NaN
        column, row = (
            np.clip(np.nan_to_num(each, nan=-1), -1, side).astype(np.intp)
            for each, side in zip(places, (width, height), strict=True)
        )
    about = np.pad(near_to(wanted, _MOST // 2), 1)
    here = about[row + 1, column + 1] & ~np.isnan(places[0])
    if not here.any():
        return seen
    rows, columns = (_around(here.any(axis)) for axis in (1, 0))
    places, here = places[:, rows, columns], here[rows, columns]
    across, down = (_steps(places, axis)[:, here] for axis in (2, 1))
    middle = places[:, here]
    counts = np.clip(np.ceil(np.abs(across) + np.abs(down)).max(0), 1, _MOST).astype(int)
    for count in np.unique(counts):
        chosen = counts == count
        shares = (np.arange(count) + 0.5) / count - 0.5
        for share_down in shares:
            for share in shares:
                u, v = np.floor(
                    middle[:, chosen]
                    + np.float32(share) * across[:, chosen]
                    + np.float32(share_down) * down[:, chosen]
                ).astype(np.intp)
                inside = (u >= 0) & (v >= 0) & (u < width) & (v < height)
                seen[v[inside], u[inside]] = True
    return seen & wanted


def _places(
    count: int, center: float, focal: float, other_center: float, other_focal: float,
    labels: np.ndarray, axis: int,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Indices of another picture's pixels along a side, and which of them exist."""
    at = (np.arange(count) + 0.5 - center) * (other_focal / focal) + other_center
    index = np.floor(at + 1e-6).astype(np.intp)
    length = labels.shape[axis]
    return np.clip(index, 0, length - 1), (index >= 0) & (index < length)


def _has_company(depth: np.ndarray) -> np.ndarray:
    """Which pixels have one above, below or beside them that is about as deep."""
    found = np.zeros(depth.shape, bool)
    for one, other in (
        (np.s_[1:], np.s_[:-1]),
        (np.s_[:, 1:], np.s_[:, :-1]),
    ):
        near = (depth[one] < _STEEP * depth[other]) & (depth[other] < _STEEP * depth[one])
        found[one] |= near
        found[other] |= near
    return found


def _around(found: np.ndarray) -> slice:
    """From before the first to behind the last."""
    first, *_, last = np.flatnonzero(found)[[0, -1]]
    return slice(max(0, first - 1), last + 2)


def _steps(places: np.ndarray, axis: int) -> np.ndarray:
    """How far the next pixel of the frame lies; on the side where it lies nearer."""
    step = np.diff(places, axis=axis)
    pad = [(0, 0)] * 3
    after, before = list(pad), list(pad)
    after[axis], before[axis] = (0, 1), (1, 0)
    forward = np.pad(step, after, constant_values=np.nan)
    backward = np.pad(step, before, constant_values=np.nan)
    far, near = (np.abs(each).max(0) for each in (forward, backward))
    with np.errstate(invalid="ignore"):
        chosen = np.where(np.isnan(far) | (near < far), backward, forward)
    return np.nan_to_num(chosen, nan=0.0)
