"""Relation: how the depth of a frame stands to that of the next one."""

import math
from dataclasses import dataclass

import numpy as np

from .reprojection import View, reproject

_SAMPLES = 4096  # of a pair; more changes no fit
_FEWEST = 64
# The camera's place is believed unless without it what no scale explains is so much less.
_DOUBT = 0.7


@dataclass(frozen=True)
class Relation:
    """What two neighboring frames say of the same points.

    A point at depth `x` in the first lies at `x * rate + offset` from the second camera, which
    itself says `y`.

    Attributes:
        x: (n,) meters.
        rate: (n,).
        offset: Meters.
        y: (n,) meters.
        ratio: Median of `y` over what the first frame expects there; 1 where both agree.
        spread: Median distance from it, as a logarithm: what no scale can explain.
        likeness: Correlation of both pictures at these points, -1..1; 1 where both are plain.
        turning_only: Whether they agree better when the camera's change of place is left out, as
            they do where the scene has another scale than the depth.
    """

    x: np.ndarray
    rate: np.ndarray
    offset: float
    y: np.ndarray
    ratio: float
    spread: float
    likeness: float
    turning_only: bool = False


def relate(one: View, other: View, pictures: tuple[np.ndarray, np.ndarray]) -> Relation:
    """Measure how two neighboring frames stand to each other.

    Args:
        one: A frame.
        other: The next one.
        pictures: Both pictures, (h, w) brightness of any size.

    Returns:
        Relation; with no samples where hardly anything of the first frame is in the second.
    """
    height, width = one.depth.shape
    step = max(1, int(math.sqrt(height * width / _SAMPLES)))
    moving, turning = (_relate(one, other, pictures, step, each) for each in (False, True))
    return turning if turning.spread < _DOUBT * moving.spread else moving


def _relate(
    one: View, other: View, pictures: tuple[np.ndarray, np.ndarray], step: int, turning_only: bool
) -> Relation:
    there = reproject(one, other, [other.depth], step, turning_only)
    x, y = one.depth[::step, ::step], there.seen[0]
    expected = x * there.rate + np.float32(there.offset)
    both = (x > 0) & (y > 0) & (expected > 0)
    if np.count_nonzero(both) < min(_FEWEST, max(1, x.size // 8)):
        nothing = np.zeros(0, np.float32)
        return Relation(nothing, nothing, 0.0, nothing, 1.0, math.inf, 0.0, turning_only)
    log = np.log(y[both] / expected[both])
    middle = float(np.median(log))
    rows, columns = np.nonzero(both)
    here = _brightness(pictures[0], (columns * step + 0.5) / one.depth.shape[1],
                       (rows * step + 0.5) / one.depth.shape[0])  # fmt: skip
    beyond = _brightness(pictures[1], there.u[both] / other.depth.shape[1],
                         there.v[both] / other.depth.shape[0])  # fmt: skip
    return Relation(
        x[both],
        there.rate[both],
        there.offset,
        y[both],
        math.exp(middle),
        float(np.median(np.abs(log - middle))),
        _likeness(here, beyond),
        turning_only,
    )


def _brightness(picture: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Nearest values at places in 0..1."""
    height, width = picture.shape
    column = np.clip((u * width).astype(np.intp), 0, width - 1)
    return picture[np.clip((v * height).astype(np.intp), 0, height - 1), column].astype(np.float32)


def _likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation, which does not ask for the same exposure."""
    one, other = one - one.mean(), other - other.mean()
    sizes = float(np.sqrt((one * one).mean())), float(np.sqrt((other * other).mean()))
    if max(sizes) < 2:  # of 255 levels: two plain pictures, which tell nothing
        return 1.0
    return float((one * other).mean()) / (max(sizes[0], 0.5) * max(sizes[1], 0.5))
