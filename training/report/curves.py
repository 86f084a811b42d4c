"""Curves of a training as a drawing (SVG)."""

from dataclasses import dataclass
from math import floor, log10

import numpy as np

WIDTH, HEIGHT = 420, 180
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 10, 24
POINTS = 300  # of a curve, at most
SMOOTHING = 0.02  # share of the steps that a moving mean spans


@dataclass(frozen=True)
class Line:
    """A straight line of the drawing with its label, in pixels."""

    at: float
    label: str


@dataclass(frozen=True)
class Curve:
    """What the page draws of one column of a log.

    Attributes:
        name: The column's.
        path: Points "x,y x,y ..." of the smoothed values, in pixels of `WIDTH` x `HEIGHT`.
        across: Grid lines of steps.
        up: Grid lines of values.
        last: The last smoothed value.
    """

    name: str
    path: str
    across: list[Line]
    up: list[Line]
    last: float


def draw_curve(name: str, steps, values) -> Curve:
    """Draw values over steps; a logarithmic scale where they span more than a factor of ten."""
    steps, values = np.asarray(steps, float), _smooth(np.asarray(values, float))
    kept = np.unique(np.linspace(0, len(steps) - 1, POINTS).round().astype(int))
    steps, values = steps[kept], values[kept]
    logarithmic = values.min() > 0 and values.max() / values.min() > 10
    scaled = np.log10(values) if logarithmic else values
    low, high = float(scaled.min()), float(scaled.max())
    if high - low < 1e-12:
        low, high = low - 0.5, high + 0.5

    def x(step):
        return LEFT + (WIDTH - LEFT - RIGHT) * (step - steps[0]) / max(steps[-1] - steps[0], 1)

    def y(value):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)

    ticks = _ticks(low, high)
    return Curve(
        name,
        " ".join(f"{x(s):.1f},{y(v):.1f}" for s, v in zip(steps, scaled, strict=True)),
        [Line(x(s), f"{s:g}") for s in _ticks(float(steps[0]), float(steps[-1]))],
        [Line(y(v), f"{10**v if logarithmic else v:.3g}") for v in ticks],
        float(values[-1]),
    )


def _smooth(values):
    span = max(1, round(len(values) * SMOOTHING))
    sums = np.cumsum(np.insert(values, 0, 0.0))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - span, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def _ticks(low, high):
    """Round numbers between two values, three to eight of them."""
    if high <= low:
        return [low]
    step = 10 ** floor(log10(high - low))
    for finer in (1, 0.5, 0.25):
        ticks = np.arange(np.ceil(low / (step * finer) - 1e-6), high / (step * finer) + 1e-6)
        if len(ticks) >= 3:
            break
    return [float(tick * step * finer) for tick in ticks]
