"""Tears: which quads of a depth grid span a gap between two surfaces, or hang in one."""

import numpy as np

from .connected_components import component_runs
from .strips import strips

# How far beyond a quad, in samples of the grid, a plane is looked for. Both must agree: the near
# one alone would take a blurred edge for a steep plane, the far one alone a staircase.
REACHES = (2, 5)
# Share of the quad's own spread by which a plane may miss and still explain it: wide enough for
# half a per cent of noise on a grazing ground, narrow enough that an edge blurred over four samples
# is cut.
TOLERANCE = np.float32(1 / 3)
# Share by which planes miss at a clear tear. An edge blurred over four samples misses by 0.6 or
# more, noise of one per cent on a steep surface seldom by a half.
CLEAR = np.float32(1 / 2)
# Clear tears that a run has at least to be an edge, and quads that a piece of surface has at least
# to stay. Shorter slits come from noise, smaller pieces hang in the air along edges.
SMALLEST = 8


def torn_quads(
    depth: np.ndarray, columns: np.ndarray, rows: np.ndarray, tear_ratio: float
) -> np.ndarray:
    """Find the quads that a surface must leave out because depth jumps there.

    With `w = 1 / z`, in which every plane is linear over the picture, a quad is torn where

        max z > tear_ratio * min z          over its four corners, and
        |J - s| > S / 3                     for one of its four edges, on either side,

    where J is the change of w along that edge, S = max w - min w over the corners, and s is the
    change that the surface on one side predicts: its mean slope over the 2, and over the 5, samples
    that lead up to the edge from that side, times the edge's length. One side explains the edge
    only if both slopes do. Samples are looked for inside the picture (nearer ones at its border);
    a side with a hole at one of them says nothing, and an edge about which both sides are silent
    is not explained.

    So a ground seen at a grazing angle is whole up to the horizon, because its own side predicts
    every row; a step is cut, because both sides predict J = 0; a pole one sample thin is cut on
    both sides; and so is an edge blurred over up to about four samples, because no slope holds
    over its reach. A quad with a hole at a corner is no quad and counts as torn.

    Then whole runs decide, so that a steep surface under noise is not cut into a comb of slits and
    no crumbs of surface hang along an edge. Quads belong together if they share a vertex. A tear is
    clear where an edge misses by more than S / 2, and decisive where also

        max z > tear_ratio^2 * min z.

    A run of torn quads, those with a hole not counted, is healed whole if none of them is decisive
    and fewer than n are clear. After that, a piece of fewer than n whole quads is dropped whole if
    it touches a torn one; between holes alone, it stays. n is 8, or the number of quads along the
    shorter side of the grid if that is less.

    All in single precision and in the order of operations of the nodes that do the same for the
    live surface (`scene/tear_nodes.py`), so that both cut the same quads.

    Args:
        depth: (h, w) float32 meters, holes not finite or not above zero.
        columns: (w,) picture columns of the grid, ascending.
        rows: (h,) picture rows of the grid, ascending.
        tear_ratio: Depth ratio >= 1 up to which neighbors always belong together; inf tears
            nothing but holes.

    Returns:
        (h - 1, w - 1) bool, true where no quad is to be.
    """
    height, width = depth.shape
    disparity = np.empty((height, width), np.float32)
    hole = np.empty((max(height - 1, 0), max(width - 1, 0)), bool)
    jumps, highs, lows = np.empty_like(hole), [], []
    for strip in strips(height, width):
        with np.errstate(divide="ignore", invalid="ignore"):
            known = np.isfinite(depth[strip]) & (depth[strip] > 0)
            disparity[strip] = np.where(known, 1 / depth[strip], np.float32(np.nan))
        # Of 1/z rather than z: both bounds are NaN as soon as one corner is a hole.
        quads = slice(max(strip.start - 1, 0), strip.stop - 1)
        upper, lower = disparity[quads], disparity[quads.start + 1 : strip.stop]
        high, low = np.maximum(upper, lower), np.minimum(upper, lower)
        high = np.maximum(high[:, :-1], high[:, 1:])
        low = np.minimum(low[:, :-1], low[:, 1:])
        hole[quads] = ~np.isfinite(high)
        with np.errstate(over="ignore", invalid="ignore"):
            jumps[quads] = ~hole[quads] & (high > np.float32(tear_ratio) * low)
        highs.append(high[jumps[quads]])
        lows.append(low[jumps[quads]])

    # Few quads remain, so only these are asked for a plane.
    columns, rows = np.asarray(columns, np.float32), np.asarray(rows, np.float32)
    row, column = np.nonzero(jumps)
    high, low = np.concatenate(highs), np.concatenate(lows)
    miss = np.zeros(len(row), np.float32)
    for offset in (0, 1):
        miss = np.maximum(miss, _miss(disparity, row + offset, column, columns))
        miss = np.maximum(miss, _miss(disparity.T, column + offset, row, rows))
    unexplained = miss > TOLERANCE * (high - low)
    clear = miss > CLEAR * (high - low)
    with np.errstate(over="ignore"):
        decisive = clear & (high > np.float32(tear_ratio) * np.float32(tear_ratio) * low)

    smallest = min(SMALLEST, *hole.shape)
    strength = np.where(decisive, smallest, clear)[unexplained]
    torn = _strong_runs(hole.shape, row[unexplained], column[unexplained], strength, smallest)
    crumbs = _crumbs(hole, torn, smallest)
    for each in (torn, crumbs):
        hole |= each
    return hole


def _strong_runs(
    shape: tuple[int, ...], row: np.ndarray, column: np.ndarray, strength: np.ndarray, smallest: int
) -> np.ndarray:
    """Find the runs of torn quads that are strong enough together.

    Args:
        shape: Of the grid of quads.
        row: (k,) of each torn quad.
        column: (k,) likewise.
        strength: (k,) what each adds to its run.
        smallest: Strength that a run has at least.

    Returns:
        bool, true in such a run.
    """
    torn = np.zeros(shape, bool)
    if len(row):
        torn[row, column] = True
        start, _, region = component_runs(torn, diagonal=True)
        of_quad = region[np.searchsorted(start, row * shape[1] + column, "right") - 1]
        weak = (np.bincount(of_quad, strength) < smallest)[of_quad]
        torn[row[weak], column[weak]] = False
    return torn


def _crumbs(hole: np.ndarray, torn: np.ndarray, smallest: int) -> np.ndarray:
    """Find the pieces of too few whole quads that touch a torn one.

    Args:
        hole: (h, w) bool, true where there is no quad.
        torn: (h, w) bool, true where one is torn.
        smallest: Quads that such a piece has at least to stay.

    Returns:
        (h, w) bool, true in such a piece.
    """
    crumbs = np.zeros_like(torn)
    if torn.any():
        whole = ~(hole | torn)
        start, length, region = component_runs(whole, diagonal=True)
        small = whole.ravel()[start] & (np.bincount(region, length) < smallest)[region]
        row, column = np.nonzero(np.repeat(small, length).reshape(whole.shape))
        framed = np.pad(torn, 1)
        touches = np.zeros(len(row), bool)
        for down, right in np.ndindex(3, 3):
            touches |= framed[row + down, column + right]
        of_quad = np.repeat(region[small], length[small])
        gone = (np.bincount(of_quad, touches) > 0)[of_quad]
        crumbs[row[gone], column[gone]] = True
    return crumbs


def _miss(
    disparity: np.ndarray, line: np.ndarray, start: np.ndarray, positions: np.ndarray
) -> np.ndarray:
    """By how much the better side fails to predict the edges from `start` to `start + 1`.

    Args:
        disparity: (lines, n) 1/z.
        line: (k,) the line of each edge.
        start: (k,) its first sample on that line.
        positions: (n,) float32 picture coordinates along the lines.

    Returns:
        (k,) miss in units of 1/z; inf where neither side can tell.
    """
    end = start + 1
    length = positions[end] - positions[start]
    at_start, at_end = disparity[line, start], disparity[line, end]
    jump = at_end - at_start

    def miss(sample: np.ndarray, value: np.ndarray, direction: int) -> np.ndarray:
        worst = np.zeros(len(line), np.float32)
        for reach in REACHES:
            beyond = np.clip(sample + direction * reach, 0, len(positions) - 1)
            run = positions[beyond] - positions[sample]
            with np.errstate(divide="ignore", invalid="ignore"):
                slope = (disparity[line, beyond] - value) / run
            worst = np.maximum(worst, np.abs(jump - slope * length))
        return worst

    better = np.fmin(miss(start, at_start, -1), miss(end, at_end, +1))
    return np.where(np.isnan(better), np.inf, better)
