"""Training curves as SVG drawings."""

from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np

from .figures import plain, whole

WIDTH, HEIGHT = 320, 180
LEFT, RIGHT, TOP, BOTTOM = 52, 26, 8, 38
POINTS = 300  # maximum points per curve
SMOOTHING = 0.02  # window of the moving average as a fraction of the steps
MOST_TICKS = 8


@dataclass(frozen=True)
class Line:
    """A labeled grid line; position in pixels."""

    at: float
    label: str


@dataclass(frozen=True)
class Curve:
    """Drawing of one log column.

    Attributes:
        title: Title of the column.
        path: Points "x,y x,y ..." of the smoothed values, in pixels of `WIDTH` x `HEIGHT`.
        across: Grid lines for steps.
        up: Grid lines for values.
        last: The last smoothed value.
    """

    title: str
    path: str
    across: list[Line]
    up: list[Line]
    last: str


def draw_curve(title: str, steps, values) -> Curve:
    """Draw values over steps, on a log scale if they span more than a factor of ten."""
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

    up = _decades(low, high) if logarithmic else [(tick, tick) for tick in _ticks(low, high, 3)]
    across = [s for s in _ticks(float(steps[0]), float(steps[-1]), 2) if s == round(s)]
    return Curve(
        title,
        " ".join(f"{x(s):.1f},{y(v):.1f}" for s, v in zip(steps, scaled, strict=True)),
        [Line(x(s), whole(s)) for s in across],
        [Line(y(at), plain(value)) for at, value in up],
        plain(float(values[-1]), 3),
    )


def _smooth(values):
    span = max(1, round(len(values) * SMOOTHING))
    sums = np.cumsum(np.insert(values, 0, 0.0))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - span, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def _ticks(low, high, fewest):
    """Return as few round numbers between two values as possible, but at least `fewest`."""
    if high <= low:
        return [low]
    power = floor(log10(high - low))
    for digit in (5, 2, 1, 0.5, 0.2):
        step = digit * 10.0**power
        ticks = np.arange(ceil(low / step - 1e-6), floor(high / step + 1e-6) + 1)
        if len(ticks) >= fewest:
            break
    return [round(float(tick * step), 6 - power) for tick in ticks]


def _decades(low, high):
    """Return log-scale ticks (logarithm, value): 1, 2, 5 per decade, or fewer if too many."""
    for digits in ((1, 2, 5), (1,)):
        values = [d * 10.0**e for e in range(floor(low), ceil(high) + 1) for d in digits]
        ticks = [(log10(v), v) for v in values if low - 1e-9 <= log10(v) <= high + 1e-9]
        if len(ticks) <= MOST_TICKS:
            break
    return ticks[:: -(-len(ticks) // MOST_TICKS)]
