"""Panorama views: a panorama as perspective pictures, and their depth joined to one sphere.

Directions are in Blender's camera axes: x right, y up, looking along -z at the picture's middle.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .intrinsics import Intrinsics
from .panorama import directions_of

_FOV = 110.0  # degrees of a view, of which a cube's face needs 90
# Turn about the vertical and tilt upwards of each view, degrees.
_LOOKS = ((0, 0), (90, 0), (180, 0), (270, 0), (0, 90), (0, -90))
_CONTROLS = 4  # control values along a side of a view, between which its correction is linear
_SAMPLES = 192  # of the sphere along the equator, for the fit
_FIRM = 0.03  # of a correction to be smooth, relative to views agreeing
_ROUNDS = 8


@dataclass(frozen=True)
class PanoramaView:
    """A perspective view out of the middle of a panorama.

    Attributes:
        turn: (3, 3), from the view's camera axes to the panorama's.
        intrinsics: Of the view, square.
    """

    turn: np.ndarray
    intrinsics: Intrinsics


def panorama_views(width: int) -> list[PanoramaView]:
    """Find views that cover the sphere and overlap, about as sharp as a panorama of a width."""
    side = max(16, round(width / math.pi * math.tan(math.radians(_FOV) / 2)))
    intrinsics = Intrinsics.from_fov(_FOV, side, side)
    return [PanoramaView(_turned(*look), intrinsics) for look in _LOOKS]


def view_picture(rgb: np.ndarray, view: PanoramaView) -> np.ndarray:
    """Show a panorama (H, W, 3) uint8 as a view, (h, w, 3) uint8, bilinear."""
    height, width = rgb.shape[:2]
    directions = _rays(view.intrinsics) @ view.turn.T
    u = (np.arctan2(directions[..., 0], -directions[..., 2]) / (2 * np.pi) + 0.5) * width - 0.5
    v = np.arccos(np.clip(directions[..., 1], -1, 1)) / np.pi * height - 0.5
    left, top = np.floor(u).astype(int), np.floor(v).astype(int)
    a, b = (u - left)[..., None], (v - top)[..., None]
    columns = left % width, (left + 1) % width
    rows = np.clip(top, 0, height - 1), np.clip(top + 1, 0, height - 1)
    upper, lower = (rgb[row, columns[0]] * (1 - a) + rgb[row, columns[1]] * a for row in rows)
    return np.round(upper * (1 - b) + lower * b).astype(np.uint8)


def join_views(
    views: Sequence[PanoramaView], depths: Sequence[np.ndarray], width: int, height: int
) -> np.ndarray:
    """Join the depth of views to one length along each ray of a panorama.

    Where two views overlap they see the same lengths. Each gets a smooth correction of log length,
    linear between a few control values, such that all agree in the least squares of what does not
    disagree by far; the mean of all corrections is 0, so that the scale stays. Then they are
    blended, those more that see a place nearer to their middle.

    Args:
        views: As of `panorama_views`, or some of them.
        depths: z-depth of each in meters, (h, w), all positive.
        width: Of the panorama, pixels.
        height: Likewise.

    Returns:
        (height, width) float32 meters along the ray; NaN where no view looks.
    """
    logs = []
    for view, depth in zip(views, depths, strict=True):
        rays = _rays(view.intrinsics)
        logs.append(np.log(depth / -rays[..., 2]).astype(np.float32))
    corrections = _agree(views, logs)
    corrected = [
        log + (_controls(_pixels(view), view) @ correction).reshape(log.shape)
        for view, log, correction in zip(views, logs, corrections, strict=True)
    ]
    return np.exp(blend_views(views, corrected, width, height))


def blend_views(
    views: Sequence[PanoramaView], maps: Sequence[np.ndarray], width: int, height: int
) -> np.ndarray:
    """Blend maps (h, w) of views over a panorama, (height, width) float32.

    Those views count more that see a place nearer to their middle. Where none looks it is NaN.
    """
    total = np.zeros((height, width), np.float32)
    share = np.zeros((height, width), np.float32)
    directions = directions_of(width, height)
    for view, values in zip(views, maps, strict=True):
        seen, place = _places(view, directions)
        weight = _weight(place, view)
        total[seen] += weight * _bilinear(values, place)
        share[seen] += weight
    return np.divide(total, share, out=np.full_like(total, np.nan), where=share > 0)


def _turned(across: float, up: float) -> np.ndarray:
    a, b = -math.radians(across), math.radians(up)
    about_y = [[math.cos(a), 0, math.sin(a)], [0, 1, 0], [-math.sin(a), 0, math.cos(a)]]
    about_x = [[1, 0, 0], [0, math.cos(b), -math.sin(b)], [0, math.sin(b), math.cos(b)]]
    return np.array(about_y) @ np.array(about_x)


def _rays(intrinsics: Intrinsics) -> np.ndarray:
    """Unit directions of a view's pixels in its own axes."""
    x = (np.arange(intrinsics.width) + 0.5 - intrinsics.cx) / intrinsics.fx
    y = -(np.arange(intrinsics.height) + 0.5 - intrinsics.cy) / intrinsics.fy
    x, y = np.broadcast_arrays(x[None], y[:, None])
    rays = np.stack([x, y, -np.ones_like(x)], -1)
    return rays / np.linalg.norm(rays, axis=-1, keepdims=True)


def _places(view: PanoramaView, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which directions (..., 3) a view sees, and where: (N, 2) pixels u, v."""
    own = directions @ view.turn
    k = view.intrinsics
    ahead = np.where(own[..., 2] < 0, -own[..., 2], np.nan)
    with np.errstate(invalid="ignore"):
        u, v = k.fx * own[..., 0] / ahead + k.cx, k.cy - k.fy * own[..., 1] / ahead
        seen = (u >= 0.5) & (u <= k.width - 0.5) & (v >= 0.5) & (v <= k.height - 0.5)
    return seen, np.stack([u[seen], v[seen]], -1)


def _pixels(view: PanoramaView) -> np.ndarray:
    """(N, 2) places of a view's pixels, row by row."""
    k = view.intrinsics
    u, v = np.meshgrid(np.arange(k.width) + 0.5, np.arange(k.height) + 0.5)
    return np.stack([u.ravel(), v.ravel()], -1)


def _bilinear(values: np.ndarray, place: np.ndarray) -> np.ndarray:
    u, v = (place - 0.5).T
    left = np.minimum(u.astype(int), values.shape[1] - 2)
    top = np.minimum(v.astype(int), values.shape[0] - 2)
    a, b = u - left, v - top
    upper = values[top, left] * (1 - a) + values[top, left + 1] * a
    lower = values[top + 1, left] * (1 - a) + values[top + 1, left + 1] * a
    return upper * (1 - b) + lower * b


def _weight(place: np.ndarray, view: PanoramaView) -> np.ndarray:
    """From a little at a view's border to 1 in its middle."""
    k = view.intrinsics
    inwards = 1 - np.abs(place / (k.width, k.height) * 2 - 1).max(1)
    return np.clip(inwards, 1e-3, None) ** 2


def _controls(place: np.ndarray, view: PanoramaView) -> np.ndarray:
    """How much each control value counts at places of a view, (N, controls)."""
    k = view.intrinsics
    x, y = (place / (k.width, k.height) * (_CONTROLS - 1)).T
    steps = np.arange(_CONTROLS)
    across, down = (np.maximum(0, 1 - np.abs(each[:, None] - steps)) for each in (x, y))
    return (down[:, :, None] * across[:, None, :]).reshape(len(place), -1)


def _agree(views: Sequence[PanoramaView], logs: Sequence[np.ndarray]) -> np.ndarray:
    """The control values of each view's correction, (views, controls)."""
    directions = directions_of(_SAMPLES, _SAMPLES // 2)
    # Near the poles there are more samples than places.
    density = np.linalg.norm(directions[..., [0, 2]], axis=-1)
    count = _CONTROLS**2
    looks = [_places(view, directions) for view in views]
    rows, apart, area = [], [], []
    for one in range(len(views)):
        for other in range(one):
            both = looks[one][0] & looks[other][0]
            if not both.any():
                continue
            row = np.zeros((int(both.sum()), len(views) * count))
            values = []
            for sign, number in ((1, one), (-1, other)):
                place = looks[number][1][both[looks[number][0]]]
                values.append(sign * _bilinear(logs[number], place))
                row[:, number * count : (number + 1) * count] = sign * _controls(
                    place, views[number]
                )
            rows.append(row)
            apart.append(-sum(values))
            area.append(density[both])
    if not rows:
        return np.zeros((len(views), count))
    matrix, target, density = np.concatenate(rows), np.concatenate(apart), np.concatenate(area)
    # Corrections that bend cost a little, and their mean is 0.
    each = np.eye(count) - 1 / count
    bending = np.kron(np.eye(len(views)), each)
    firm = (
        _FIRM
        * density.sum()
        / len(views)
        * (bending.T @ bending + np.ones_like(bending) / len(bending))
    )
    weights = density
    found = np.zeros(len(views) * count)
    for _ in range(_ROUNDS):
        weighted = matrix * weights[:, None]
        found = np.linalg.solve(weighted.T @ matrix + firm, weighted.T @ target)
        off = np.abs(matrix @ found - target)
        usual = max(2 * float(np.median(off)), 1e-4)
        weights = density / (1 + (off / usual) ** 2)
    return found.reshape(len(views), count) - found.mean()
