"""Lens: the distortion models of Blender's motion tracker, and pictures freed of them.

Formulas are libmv's. Normalized coordinates have y up, and lengths in focal lengths.
"""

from dataclasses import dataclass, replace

import numpy as np

from .intrinsics import Intrinsics

_RAYS = 4096  # from the middle of the picture to its corner, among which a fold is looked for
_STEPS = 20  # Newton's method ends in a few steps where there is an answer
_STEP = 1e-5  # focal lengths, of a derivative by central differences
_EXACT = 1e-12  # focal lengths
_MISSED = 1e-7  # focal lengths, beyond which there was no answer


@dataclass(frozen=True)
class Lens:
    """A lens in front of a picture of square or oblong pixels.

    Attributes:
        model: `POLYNOMIAL`, `DIVISION`, `NUKE` or `BROWN`.
        k: Radial coefficients, as many as the model has.
        p: Tangential coefficients of `BROWN`.
    """

    model: str
    k: tuple[float, ...]
    p: tuple[float, float] = (0.0, 0.0)

    @property
    def is_plain(self) -> bool:
        """Whether it distorts nothing."""
        return not any((*self.k, *self.p))


def distort(
    lens: Lens, x: np.ndarray, y: np.ndarray, unit: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Find where a lens shows straight rays.

    Args:
        lens: What bends them.
        x: Undistorted normalized coordinates, to the right.
        y: Upwards, of the same shape.
        unit: Half the longer side of the picture in focal lengths, the unit of `NUKE`.

    Returns:
        (x, y) distorted.

    Raises:
        ValueError: The model is unknown.
    """
    squared = x * x + y * y
    if lens.model in ("POLYNOMIAL", "BROWN"):
        factor: np.ndarray = 1 + _series(lens.k, squared)
        p1, p2 = lens.p
        cross = 2 * x * y
        return (
            x * factor + p1 * (squared + 2 * x * x) + p2 * cross,
            y * factor + p2 * (squared + 2 * y * y) + p1 * cross,
        )
    if lens.model == "DIVISION":
        factor = 1 / (1 + _series(lens.k, squared))
    elif lens.model == "NUKE":
        factor = _undivided(lens.k, np.sqrt(squared) / unit)
    else:
        raise ValueError(f"The lens model {lens.model} is unknown.")
    return x * factor, y * factor


@dataclass(frozen=True)
class Distortion:
    """What a lens did to a picture, in whatever size that is.

    Attributes:
        lens: The one that took it.
        intrinsics: Of the picture in one of its sizes.
    """

    lens: Lens
    intrinsics: Intrinsics

    def undistort(self, rgb: np.ndarray) -> np.ndarray:
        """The picture, (H, W, 3) uint8, as by `undistort`."""
        height, width = rgb.shape[:2]
        return undistort(rgb, self.lens, self.intrinsics.resized(width, height))

    def unseen(self, width: int, height: int) -> np.ndarray:
        """Where the undistorted picture of a size shows what the lens did not, (height, width)."""
        u, v, is_folded = _shown_at(self.lens, self.intrinsics.resized(width, height))
        inside = (np.abs(u + 0.5 - width / 2) <= width / 2) & (
            np.abs(v + 0.5 - height / 2) <= height / 2
        )
        return is_folded | ~inside


def undistort(rgb: np.ndarray, lens: Lens, intrinsics: Intrinsics) -> np.ndarray:
    """Resample a picture as a pinhole camera of the same intrinsics takes it.

    Args:
        rgb: (H, W, 3) uint8, row 0 at the top.
        lens: The one that took it.
        intrinsics: Of the same size.

    Returns:
        (H, W, 3) uint8; what the picture does not show has the color of its nearest edge.
    """
    u, v, _ = _shown_at(lens, intrinsics)
    return _sample(rgb, u, v)


def _shown_at(lens: Lens, intrinsics: Intrinsics) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where a lens shows what the pixels of a pinhole camera see.

    Returns:
        Column and row of each pixel as indices, and whether its ray lies beyond the fold of the
        lens model, from where on a longer ray is shown nearer; such a ray is taken at the fold.
    """
    width, height = intrinsics.width, intrinsics.height
    fx, fy, cx, cy = intrinsics.fx, intrinsics.fy, intrinsics.cx, intrinsics.cy
    x = ((np.arange(width) + 0.5 - cx) / fx)[None]
    y = ((cy - np.arange(height) - 0.5) / fy)[:, None]
    x, y = np.broadcast_arrays(x, y)
    unit, radius = _unit(intrinsics), np.hypot(x, y)
    fold = _fold(lens, float(radius.max()), unit)
    nearer = np.minimum(1, fold / np.maximum(radius, 1e-9))
    x, y = distort(lens, x * nearer, y * nearer, unit)
    return x * fx + cx - 0.5, cy - y * fy - 0.5, radius > fold


def _fold(lens: Lens, farthest: float, unit: float) -> float:
    """Length of the first ray whose longer neighbors are shown nearer; infinite without one."""
    radius = np.linspace(0, farthest, _RAYS)
    shown, _ = distort(replace(lens, p=(0.0, 0.0)), radius, np.zeros(_RAYS), unit)
    turns = np.flatnonzero(np.diff(shown) <= 0)
    return float(radius[turns[0]]) if turns.size else np.inf


def undistort_places(places: np.ndarray, lens: Lens, intrinsics: Intrinsics) -> np.ndarray:
    """Find where `undistort` puts places of a picture.

    Args:
        places: (N, 2) u, v in pixels, the center of the top-left one at (0.5, 0.5).
        lens: The one that took the picture.
        intrinsics: Of the same size.

    Returns:
        (N, 2) float64 likewise; NaN where the lens shows no straight ray.
    """
    u, v = np.asarray(places, np.float64).T
    fx, fy, cx, cy = intrinsics.fx, intrinsics.fy, intrinsics.cx, intrinsics.cy
    x, y = _straighten(lens, (u - cx) / fx, (cy - v) / fy, _unit(intrinsics))
    return np.stack([x * fx + cx, cy - y * fy], -1)


def _unit(intrinsics: Intrinsics) -> float:
    return max(intrinsics.width / intrinsics.fx, intrinsics.height / intrinsics.fy) / 2


def _straighten(
    lens: Lens, wanted_x: np.ndarray, wanted_y: np.ndarray, unit: float
) -> tuple[np.ndarray, np.ndarray]:
    """The inverse of `distort`, by Newton's method; NaN where it finds none."""

    def distorted(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.stack(distort(lens, x, y, unit))

    wanted = np.stack([wanted_x, wanted_y])
    x, y = wanted
    with np.errstate(all="ignore"):  # what comes of no answer is told by its residual
        for _ in range(_STEPS):
            a, c = (distorted(x + _STEP, y) - distorted(x - _STEP, y)) / (2 * _STEP)
            b, d = (distorted(x, y + _STEP) - distorted(x, y - _STEP)) / (2 * _STEP)
            off_x, off_y = distorted(x, y) - wanted
            determinant = a * d - b * c
            if not (np.hypot(off_x, off_y) > _EXACT).any():
                break
            x = x - (d * off_x - b * off_y) / determinant
            y = y - (a * off_y - c * off_x) / determinant
        missed = np.abs(distorted(x, y) - wanted).max(0)
    # Beyond the fold of a lens model, where a longer ray is shown nearer, there are none.
    found = (missed < _MISSED) & (determinant > 0)
    return np.where(found, x, np.nan), np.where(found, y, np.nan)


def _series(coefficients: tuple[float, ...], squared: np.ndarray) -> np.ndarray:
    """`k1 r^2 + k2 r^4 + ...`."""
    total = np.zeros_like(squared)
    for coefficient in reversed(coefficients):
        total = (total + coefficient) * squared
    return total


def _undivided(coefficients: tuple[float, ...], radius: np.ndarray) -> np.ndarray:
    """Distorted over undistorted radius, where undistorted is `r / (1 + k1 r^2 + k2 r^4)`."""
    k1, k2 = coefficients
    r = radius.copy()
    for _ in range(_STEPS):
        squared = r * r
        value = radius * (1 + squared * (k1 + squared * k2)) - r
        slope = radius * r * (2 * k1 + 4 * k2 * squared) - 1
        r = r - value / np.where(np.abs(slope) < 1e-9, -1e-9, slope)
        r = np.clip(r, 0, 4 * radius)  # what no ray of the picture reaches may have no answer
    return np.divide(r, radius, out=np.ones_like(r), where=radius > 0)


def _sample(rgb: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Bilinear samples at pixel indices (column `u`, row `v`), held inside the picture."""
    height, width = rgb.shape[:2]
    u, v = (np.nan_to_num(each) for each in (u, v))
    u, v = np.clip(u, 0, width - 1), np.clip(v, 0, height - 1)
    left, top = u.astype(np.intp), v.astype(np.intp)
    right, below = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    a, b = ((u - left)[..., None].astype(np.float32), (v - top)[..., None].astype(np.float32))
    upper = rgb[top, left] * (1 - a) + rgb[top, right] * a
    lower = rgb[below, left] * (1 - a) + rgb[below, right] * a
    return np.round(upper * (1 - b) + lower * b).astype(np.uint8)
