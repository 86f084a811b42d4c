"""Floor: the ground plane that a depth map shows, and what turns it level."""

import math
from dataclasses import dataclass

import numpy as np

from .intrinsics import Intrinsics

# Depth off the plane, relative, that still counts as on it; what a good model's depth ripples by.
_TOLERANCE = 0.03
_FINEST = 0.002
# A camera is held level within this, in degrees; what is steeper is a ramp, a roof or a wall.
_STEEPEST = 45.0
# Shares of the known pixels: on the plane at least, and below it, where a floor lets nothing be
# seen, at most.
_ON, _BELOW = 0.25, 0.02
# The plane has to be seen over this share of the picture's width at least, or its roll is a guess.
_WIDTH = 0.4
_SAMPLES, _TRIALS = 4000, 400


@dataclass(frozen=True)
class Floor:
    """A plane in the camera's space, x right, y down, z forward.

    Attributes:
        up: Unit normal of it, (x, y, z), away from the ground: y < 0.
        height: Meters from the plane up to the camera, > 0.
        share: Of the known pixels, how many lie on it, 0..1.
    """

    up: tuple[float, float, float]
    height: float
    share: float

    @property
    def pitch(self) -> float:
        """Degrees by which the camera looks up, negative for down."""
        return math.degrees(math.asin(max(-1.0, min(1.0, self.up[2]))))

    @property
    def roll(self) -> float:
        """Degrees by which the camera is turned about its axis, clockwise as it sees the world."""
        return math.degrees(math.atan2(-self.up[0], -self.up[1]))


def find_floor(depth: np.ndarray, intrinsics: Intrinsics) -> Floor | None:
    """Find the ground that a depth map shows.

    A plane is linear in the disparity 1/z over a picture: with the ray r = ((u - cx) / fx,
    (v - cy) / fy, 1) of a pixel, 1/z = -(up . r) / height. Planes through three pixels of the lower
    half are tried (RANSAC, Fischler and Bolles 1981, with a fixed seed) and the best is fitted to
    what lies on it.

    Args:
        depth: (H, W) z-depth in meters, holes 0.
        intrinsics: Of the depth map.

    Returns:
        The floor; None where no plane is clearly one: large, wide, not too steep, with nothing
        below it.
    """
    rays, disparity = _thinned(depth, intrinsics)
    if len(disparity) < 200:
        return None
    rng = np.random.default_rng(0)
    lower = np.flatnonzero(rays[:, 1] > np.median(rays[:, 1]))
    if len(lower) < 100:
        return None
    chosen = rng.choice(lower, (_TRIALS, 3))
    with np.errstate(all="ignore"):
        planes = _through(rays[chosen], disparity[chosen])
    planes = planes[_is_ground(planes)]
    if not len(planes):
        return None
    # (planes, pixels) of depth over the plane's depth; where the plane is behind, negative.
    ratio = (planes @ rays.T) / disparity
    on = np.abs(ratio - 1) < _TOLERANCE
    below = ratio > 1 + 3 * _TOLERANCE
    score = on.sum(1) - 5.0 * below.sum(1)
    plane = planes[int(np.argmax(score))]
    tolerance = _TOLERANCE
    for _ in range(8):
        off = np.abs(rays @ plane / disparity - 1)
        inside = off < tolerance
        if inside.sum() < 50:
            return None
        # So that the foot of a wall counts little: 3 standard deviations, by the median.
        tolerance = min(_TOLERANCE, max(_FINEST, 4.5 * float(np.median(off[inside]))))
        # Relative depth counts, so that the far end, with its small disparity, is not lost.
        weight = 1 / disparity[inside, None]
        plane = np.linalg.lstsq(rays[inside] * weight, np.ones(inside.sum()), rcond=None)[0]
    return _clear(plane, rays, disparity)


def _clear(plane: np.ndarray, rays: np.ndarray, disparity: np.ndarray) -> Floor | None:
    """The plane as a floor, if it is clearly one."""
    if not _is_ground(plane[None])[0]:
        return None
    ratio = rays @ plane / disparity
    on = np.abs(ratio - 1) < _TOLERANCE
    below = np.mean(ratio > 1 + 3 * _TOLERANCE)
    left, right = np.quantile(rays[on, 0], (0.02, 0.98)) if on.any() else (0.0, 0.0)
    width = (right - left) / np.ptp(rays[:, 0])
    if on.mean() < _ON or below > _BELOW or width < _WIDTH:
        return None
    length = float(np.linalg.norm(plane))
    x, y, z = (-plane / length).tolist()
    return Floor((x, y, z), 1 / length, float(on.mean()))


def _thinned(depth: np.ndarray, intrinsics: Intrinsics) -> tuple[np.ndarray, np.ndarray]:
    """(N, 3) rays and (N,) disparities of known pixels, evenly spread over the picture."""
    height, width = depth.shape
    step = max(1, round(math.sqrt(height * width / _SAMPLES)))
    z = depth[step // 2 :: step, step // 2 :: step]
    rows, columns = np.nonzero((z > 0) & np.isfinite(z))
    u = columns * step + step // 2 + 0.5
    v = rows * step + step // 2 + 0.5
    rays = np.stack(
        [(u - intrinsics.cx) / intrinsics.fx, (v - intrinsics.cy) / intrinsics.fy, np.ones(len(u))],
        axis=1,
    )
    return rays, 1 / z[rows, columns].astype(float)


def _through(rays: np.ndarray, disparity: np.ndarray) -> np.ndarray:
    """(K, 3) planes m with m . r = 1/z through (K, 3, 3) rays and (K, 3) disparities."""
    # By Cramer's rule: triples on a line have no determinant, and their plane is not finite.
    one, two, three = rays[:, 0], rays[:, 1], rays[:, 2]
    crossed = np.stack([np.cross(two, three), np.cross(three, one), np.cross(one, two)], axis=1)
    determinant = (one * crossed[:, 0]).sum(1)
    return (disparity[:, :, None] * crossed).sum(1) / determinant[:, None]


def _is_ground(planes: np.ndarray) -> np.ndarray:
    """Which of (K, 3) planes are below the camera and not too steep."""
    length = np.linalg.norm(planes, axis=1)
    with np.errstate(all="ignore"):
        level = planes[:, 1] / length > math.cos(math.radians(_STEEPEST))
    return np.isfinite(length) & (length > 0) & level
