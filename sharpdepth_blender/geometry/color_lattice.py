"""Color lattice: the inverse of a color transform that can only be evaluated.

A film-like view transform takes scene-linear colors to a display in a way that has no formula for
the way back. Here it is inverted at the points of a lattice by damped least squares (Levenberg
1944, Marquardt 1963), with derivatives from differences.
"""

from collections.abc import Callable

import numpy as np

Transform = Callable[[np.ndarray], np.ndarray]

# The curve between scene-linear values and places in the lattice: near that of sRGB, so that points
# lie apart by what can be seen, but with a finite slope at 0.
_TOE, _POWER = 0.01, 1 / 2.4
# Where colors are looked for: log2(linear + _OFFSET).
_OFFSET, _DARKEST, _BRIGHTEST = 2.0**-14, -14.0, 9.0
_RANGE = (_DARKEST, _BRIGHTEST)
# Shares of a color's distance from gray, one after the other: a film-like transform is flat far
# from gray, where a solver that began there would stay.
_STAGES, _STEPS = (0.3, 0.6, 0.8, 1.0), 5


def lattice_curve() -> tuple[float, float, float, float]:
    """(toe, power, factor, offset) of the place of a value.

    It is (value + toe)^power * factor + offset, 0 and 1 at the ends of the lattice.
    """
    low, high = _TOE**_POWER, (1 + _TOE) ** _POWER
    return _TOE, _POWER, 1 / (high - low), -low / (high - low)


def lattice_colors(count: int) -> np.ndarray:
    """Scene-linear colors at the points of a lattice.

    Args:
        count: Points along each side.

    Returns:
        (count^3, 3) float64 in 0..1; red changes fastest, blue slowest.
    """
    toe, power, factor, offset = lattice_curve()
    values = ((np.linspace(0, 1, count) - offset) / factor) ** (1 / power) - toe
    blue, green, red = np.meshgrid(values, values, values, indexing="ij")
    return np.stack((red, green, blue), axis=-1).reshape(-1, 3)


def inverse_colors(transform: Transform, wanted: np.ndarray) -> np.ndarray:
    """Find colors that a transform takes to others, or as near to them as it reaches.

    Args:
        transform: Takes (N, 3) scene-linear colors to (N, 3) in 0..1; rising along grays.
        wanted: (N, 3) colors in 0..1.

    Returns:
        (N, 3) scene-linear colors, none below 0, since renderers cut those off.
    """

    def shown(places: np.ndarray) -> np.ndarray:
        return transform(np.exp2(places) - _OFFSET)

    places = _gray_places(shown, wanted)
    gray = wanted.mean(axis=1, keepdims=True)
    found = shown(places)
    for share in _STAGES:
        goal = gray + (wanted - gray) * share
        damping = np.full(len(wanted), 1e-4)
        for _ in range(_STEPS):
            tried = np.clip(places + _step(shown, places, found, goal, damping), *_RANGE)
            there = shown(tried)
            better = _distance(there, goal) < _distance(found, goal)
            places = np.where(better[:, None], tried, places)
            found = np.where(better[:, None], there, found)
            damping = np.where(better, damping / 5, damping * 8).clip(1e-5, 1e3)
    return np.maximum(np.exp2(places) - _OFFSET, 0)


def _gray_places(shown: Transform, wanted: np.ndarray) -> np.ndarray:
    """Grays that are shown as bright as the colors wanted; of equal ones the darkest."""
    count = min(1000, len(wanted))
    ramp = np.repeat(np.linspace(*_RANGE, count)[:, None], 3, axis=1)
    light = np.maximum.accumulate(shown(ramp).mean(axis=1))
    rising = np.concatenate(([True], np.diff(light) > 1e-6))
    places = np.interp(wanted.mean(axis=1), light[rising], ramp[rising, 0])
    return np.repeat(places[:, None], 3, axis=1)


def _step(
    shown: Transform,
    places: np.ndarray,
    found: np.ndarray,
    goal: np.ndarray,
    damping: np.ndarray,
) -> np.ndarray:
    """One damped step toward a goal, in (N, 3) log2."""
    apart = np.where(places > _BRIGHTEST - 5, -0.02, 0.02)
    sides = []
    for axis in range(3):
        aside = places.copy()
        aside[:, axis] += apart[:, axis]
        sides.append((shown(aside) - found) / apart[:, axis, None])
    slope = np.stack(sides, axis=-1)
    turned = np.swapaxes(slope, 1, 2)
    square = turned @ slope
    size = np.trace(square, axis1=1, axis2=2) / 3 + 1e-4
    square += (damping * size)[:, None, None] * np.eye(3)
    step = np.linalg.solve(square, turned @ (goal - found)[..., None])[..., 0]
    return np.clip(step, -1.5, 1.5)


def _distance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return ((one - other) ** 2).sum(axis=1)
