"""Outline: closed curves with feather as the share of each pixel that they cover."""

from dataclasses import dataclass

import numpy as np

# Rows in which a row of pixels is sampled; along a row coverage is exact.
_ROWS = 8
# Segments of a piece of curve.
_STEPS = 24


@dataclass(frozen=True)
class Outline:
    """A curve through a picture.

    Attributes:
        points: (N, 2) pixels, x right, y down, the top-left corner of the picture at 0, 0.
        feather: (N,) pixels over which it fades outward at each point, 0 or more.
        closed: Whether the last point leads to the first one; else only its feather is there.
    """

    points: np.ndarray
    feather: np.ndarray
    closed: bool = True


def flatten(
    knots: np.ndarray, before: np.ndarray, after: np.ndarray, closed: bool, steps: int = _STEPS
) -> tuple[np.ndarray, np.ndarray]:
    """Points on a cubic Bezier spline (Farin, Curves and Surfaces for CAGD, chapter 4).

    Args:
        knots: (N, 2).
        before: (N, 2) handles toward the knot before.
        after: (N, 2) handles toward the knot after.
        closed: Whether the last knot leads to the first one.
        steps: Segments from one knot to the next.

    Returns:
        (points, places): (M, 2), and (M,) where they are, as the index of the knot before them plus
        the curve's parameter from there.
    """
    count = len(knots) if closed else len(knots) - 1
    ends = (np.arange(count) + 1) % len(knots)
    t = np.arange(steps)[None, :, None] / steps
    first, one, two, last = (
        each[:, None] for each in (knots[:count], after[:count], before[ends], knots[ends])
    )
    points = (
        (1 - t) ** 3 * first + 3 * (1 - t) ** 2 * t * one
        + 3 * (1 - t) * t**2 * two + t**3 * last
    ).reshape(-1, 2)  # fmt: skip
    places = (np.arange(count)[:, None] + t[None, :, :, 0][0]).ravel()
    if not closed:
        points, places = np.vstack([points, knots[-1:]]), np.append(places, len(knots) - 1)
    return points, places


def rasterize(outline: Outline, width: int, height: int) -> np.ndarray:
    """The share of each pixel that an outline covers.

    Inside of it is 1, even-odd where it crosses itself; outward it fades linearly over the feather
    of the nearest place on it. Without feather edges are antialiased.

    Returns:
        (height, width) float32, 0..1.
    """
    covered = np.zeros((height, width), np.float32)
    if outline.closed and len(outline.points) > 2:
        covered = _filled(outline.points, width, height)
    if (outline.feather > 0).any() and len(outline.points) > 1:
        np.maximum(covered, _feathered(outline, width, height), out=covered)
    return covered


def _filled(points: np.ndarray, width: int, height: int) -> np.ndarray:
    """Even-odd coverage: spans between crossings of sampled rows, exact along them."""
    (x0, y0), (x1, y1) = points.T, np.roll(points, -1, axis=0).T
    top, bottom = np.minimum(y0, y1), np.maximum(y0, y1)
    # Sampled rows r at (r + 0.5) / _ROWS; an edge crosses those in [top, bottom).
    first = np.clip(np.ceil(top * _ROWS - 0.5), 0, height * _ROWS).astype(np.intp)
    end = np.clip(np.ceil(bottom * _ROWS - 0.5), 0, height * _ROWS).astype(np.intp)
    count = end - first
    edge = np.repeat(np.arange(len(points)), count)
    if edge.size == 0:
        return np.zeros((height, width), np.float32)
    row = np.arange(edge.size) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    y = (row + 0.5) / _ROWS
    x = x0[edge] + (y - y0[edge]) * (x1[edge] - x0[edge]) / (y1[edge] - y0[edge])
    order = np.lexsort((x, row))
    x, row = np.clip(x[order], 0, width), row[order]
    # Each row has an even number of crossings, which begin and end spans in turn.
    sign = np.where(np.arange(x.size) % 2 == 0, 1.0, -1.0)
    column = np.minimum(x.astype(np.intp), width - 1)
    within = x - column
    start = row // _ROWS * (width + 1) + column
    steps = np.bincount(start, sign * (1 - within), height * (width + 1))
    steps += np.bincount(start + 1, sign * within, height * (width + 1))
    covered = np.cumsum(steps.reshape(height, width + 1), axis=1)[:, :width] / _ROWS
    return np.clip(covered, 0, 1).astype(np.float32)


def _feathered(outline: Outline, width: int, height: int) -> np.ndarray:
    covered = np.zeros((height, width), np.float32)
    ends = np.roll(outline.points, -1, axis=0), np.roll(outline.feather, -1)
    count = len(outline.points) if outline.closed else len(outline.points) - 1
    for index in range(count):
        one, other = outline.points[index], ends[0][index]
        widths = outline.feather[index], ends[1][index]
        reach = max(widths)
        if reach <= 0:
            continue
        left, top = np.floor(np.minimum(one, other) - reach).astype(int)
        right, bottom = np.ceil(np.maximum(one, other) + reach).astype(int)
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, width), min(bottom, height)
        if left >= right or top >= bottom:
            continue
        x = np.arange(left, right) + 0.5 - one[0]
        y = (np.arange(top, bottom) + 0.5 - one[1])[:, None]
        along = other - one
        length = float(along @ along)
        t = np.clip((x * along[0] + y * along[1]) / length, 0, 1) if length else 0 * (x + y)
        distance = np.hypot(x - t * along[0], y - t * along[1])
        feather = np.maximum(widths[0] + t * (widths[1] - widths[0]), 1e-6)
        here = covered[top:bottom, left:right]
        np.maximum(here, 1 - distance / feather, out=here)
    return covered
