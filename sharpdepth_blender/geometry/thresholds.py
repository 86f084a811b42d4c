"""Thresholds: at which depths a picture is best cut into layers."""

import numpy as np

from .projection import valid_depth

FEWEST, MOST = 2, 8
_BINS = 192
# Share of the samples at either end that do not count, being strays.
_STRAYS = 1e-3
# Pixels along the longer side of the picture that is looked at.
_LOOK = 512
# An edge: a step in log depth of at least this much, so many times as large as the slope beside it.
_LEAST_JUMP, _STEEPER = 0.04, 3.0
# Pixels from one to the next, with a hole between them.
_BRIDGED = 8
# No layer has more of the picture than 70 %, if there is a gap; a little less, as what is looked at
# is not all of it.
_MOST_SHARE = 0.68
# What counts, beside the spread within layers, 1 for a picture in one: the length of uncut edges in
# sides of the picture times their jump in 1/z as a share of the range, length of surfaces crossed
# in sides, and the share of the picture above the most.
_UNCUT, _CROSSED, _CROWDED = 2.0, 0.2, 12.0
# A layer with a smaller share of the picture is as good as empty, and that costs so much.
_FEW, _EMPTY = 5e-3, 1.0
# Lines that cross surfaces are alike within this share of the longest.
_SAME = 0.1
# Nothing nearer than this is taken for the sky, in meters; and from what lies before it the sky
# is parted by a gap of at least this ratio.
_SKY_NEAREST, _SKY_GAP = 30.0, 1.25
# Share of the picture's top row that the sky has at least.
_SKY_TOP = 0.2


def propose_thresholds(depth: np.ndarray, count: int) -> tuple[float, ...]:
    """Find the depths that part a picture into layers.

    A threshold draws a line through the picture. It is free where that runs along edges at which
    depth jumps past it, and costs what of it crosses surfaces. Among all choices (exactly, by
    dynamic programming over a histogram of log depth) the best one leaves the least jumps uncut
    inside layers, each counted by its length in the picture and its size in 1/z, by which things
    shift apart before a camera that moves; crosses the least of
    surfaces; has the least spread in log depth within layers, where every depth counts by the root
    of how often it occurs, so that a small thing far from all others gets its own layer; and has
    no layer with more than 70 % of the picture, unless that crosses a surface for its whole length.
    Each threshold stands in the middle of its gap.

    Args:
        depth: (H, W) z-depth in meters; holes do not count.
        count: Number of layers, 2 to 8.

    Returns:
        `count - 1` ascending meters. A picture with fewer depths than that still gets as many:
        some of its layers are empty.

    Raises:
        ValueError: The number is outside its range, or there is no depth at all.
    """
    if int(count) != count or not FEWEST <= count <= MOST:
        raise ValueError(f"`count` must be a whole number from {FEWEST} to {MOST}, not {count}.")
    step = max(1, -(-max(depth.shape) // _LOOK))
    depth = depth[step // 2 :: step, step // 2 :: step] if min(depth.shape) > step else depth
    valid = valid_depth(depth)
    if not valid.any():
        raise ValueError("There is no depth to be parted.")
    logs = np.where(valid, np.log(np.where(valid, depth, 1).astype(np.float64)), np.nan)
    values = logs[valid]
    low, high = np.quantile(values, (_STRAYS, 1 - _STRAYS))
    if high - low < 1e-3:  # as good as flat
        middle = (low + high) / 2
        low, high = middle - 0.1, middle + 0.1
    counts, edges = np.histogram(values, _BINS, (low, high))
    jumps, crossed = _lines(logs, low, high)
    ends = _partition(counts, edges, jumps, crossed, count)
    cuts = [_middle_of_gap(end, counts, crossed) for end in ends]
    cuts = np.maximum.accumulate(cuts) + 1e-3 * np.arange(len(cuts))  # in one gap there may be two
    return tuple(float(z) for z in np.exp(np.interp(cuts, np.arange(_BINS + 1), edges)))


def propose_split(depth: np.ndarray, start: float, end: float) -> float | None:
    """Find the depth at which a layer is best parted in two.

    Args:
        depth: (H, W) z-depth of the layer's pixels in meters; others and holes 0.
        start: Depth from which the layer reaches, in meters.
        end: Depth up to which it reaches, inf for any.

    Returns:
        Meters between the two, or None where nothing lies between them.
    """
    own = np.where(valid_depth(depth) & (depth > start) & (depth < end), depth, 0)
    if not own.any():
        return None
    (found,) = propose_thresholds(own, 2)
    return found if start < found < end else None


def propose_sky(depth: np.ndarray) -> float:
    """Find the depth beyond which there is sky.

    That is where far from the camera depth has a gap, and what lies beyond it reaches the top of
    the picture.

    Args:
        depth: (H, W) z-depth in meters; holes do not count.

    Returns:
        Meters, or 0 where nothing looks like a sky.
    """
    valid = valid_depth(depth)
    values = np.log(depth[valid].astype(np.float64))
    if not values.size or values.max() < np.log(_SKY_NEAREST):
        return 0.0
    counts, edges = np.histogram(values, _BINS, (values.min(), values.max() + 1e-6))
    full = np.flatnonzero(counts > _STRAYS * values.size / _BINS)
    gaps = edges[full[1:]] - edges[full[:-1] + 1]
    far = np.flatnonzero((gaps > np.log(_SKY_GAP)) & (edges[full[1:]] > np.log(_SKY_NEAREST)))
    if not far.size:
        return 0.0
    last = far[-1]
    cut = float(np.exp((edges[full[last + 1]] + edges[full[last] + 1]) / 2))
    top = depth[0][valid[0]]
    return cut if top.size and (top > cut).sum() >= _SKY_TOP * depth.shape[1] else 0.0


def _lines(logs: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """What a threshold at each end of a bin may run along, and what it crosses.

    Args:
        logs: (H, W) log depth, NaN in holes.
        low: Log depth at which the bins begin.
        high: Log depth at which they end.

    Returns:
        (jumps, crossed): (bins, bins) the edges from a bin to a farther one, their length in sides
        of the picture times their share of the range of 1/z, and (bins + 1,) the length of surfaces
        that a threshold at each end of a bin crosses, in sides of the picture.
    """
    side = np.sqrt(logs.size)
    jumps = np.zeros((_BINS, _BINS))
    crossed = np.zeros(_BINS + 2)
    for rows in (logs, logs.T):
        near, far, is_jump = _pairs(rows)
        first, last = ((each - low) * _BINS / (high - low) for each in (near, far))
        a, b = (np.clip(each[is_jump], 0, _BINS - 1).astype(int) for each in (first, last))
        size = np.exp(low - near[is_jump]) - np.exp(low - far[is_jump])
        np.add.at(jumps, (a, b), size / ((1 - np.exp(low - high)) * side))
        # Of a surface, the ends of bins from after its nearer pixel up to its farther one.
        a, b = (np.clip(np.floor(each) + 1, 0, _BINS + 1).astype(int) for each in (first, last))
        crossed += np.bincount(a[~is_jump], minlength=_BINS + 2)
        crossed -= np.bincount(b[~is_jump], minlength=_BINS + 2)
    return jumps, np.cumsum(crossed)[: _BINS + 1] / side


def _pairs(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Neighbors along rows, across small holes too: the nearer one, the farther, is a jump."""
    known = ~np.isnan(rows)
    column = np.arange(rows.shape[1])
    last = np.maximum.accumulate(np.where(known, column, -1), axis=1)[:, :-1]
    joined = known[:, 1:] & (last >= 0) & (column[1:] - last <= _BRIDGED)
    before = np.take_along_axis(rows, np.maximum(last, 0), axis=1)
    steps = np.where(joined, np.abs(rows[:, 1:] - before), np.nan)
    # The slope on either side: of two steps the lesser, as an edge may take two pixels.
    beside = np.full((len(rows), 2), np.nan)
    padded = np.hstack([beside, steps, beside])
    slope = np.fmax(
        np.fmin(padded[:, 1:-3], padded[:, :-4]), np.fmin(padded[:, 3:-1], padded[:, 4:])
    )
    is_jump = (steps > _LEAST_JUMP) & (steps > _STEEPER * np.nan_to_num(slope))
    one, other = rows[:, 1:][joined], before[joined]
    return np.minimum(one, other), np.maximum(one, other), is_jump[joined]


def _partition(
    counts: np.ndarray, edges: np.ndarray, jumps: np.ndarray, crossed: np.ndarray, count: int
) -> list[int]:
    """Where each class but the last ends, in bins."""
    weights, middles = np.sqrt(counts), (edges[1:] + edges[:-1]) / 2
    sums = [np.concatenate([[0], np.cumsum(weights * middles**power)]) for power in (0, 1, 2)]
    zero, one, two = (total[None] - total[:, None] for total in sums)  # [from, to)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(zero > 0, two - one**2 / zero, 0.0) / max(sums[0][-1], 1e-12)
    whole = np.zeros((_BINS + 1, _BINS + 1))
    whole[1:, 1:] = jumps.cumsum(0).cumsum(1)
    inside = whole[-1:] - whole  # begin in bin `from` or later, and end in bin `to - 1` or before
    share = np.concatenate([[0], np.cumsum(counts)]) / max(counts.sum(), 1)
    share = share[None] - share[:, None]
    cost = spread / max(spread[0, -1], 1e-12) + _UNCUT * inside
    cost += _CROWDED * np.maximum(share - _MOST_SHARE, 0) + _EMPTY * (share < _FEW)
    cost = cost + _CROSSED * crossed[None] * (np.arange(_BINS + 1) < _BINS)
    cost[np.tril_indices(_BINS + 1)] = np.inf  # no class without a bin
    best, before = cost[0], []
    for _ in range(count - 1):
        through = best[:, None] + cost
        before.append(through.argmin(0))
        best = through.min(0)
    ends, end = [], _BINS
    for step in reversed(before):
        end = int(step[end])
        ends.append(end)
    return ends[::-1]


def _middle_of_gap(end: int, counts: np.ndarray, crossed: np.ndarray) -> float:
    """The middle of the ends of bins about one that cross no more, with hardly anything between."""
    good = crossed <= crossed[end] + _SAME * max(crossed.max(), 1e-9)
    below = np.concatenate([[0], np.cumsum(counts)]) / max(counts.sum(), 1)
    good &= np.abs(below - below[end]) <= _FEW
    first = last = end
    while first > 1 and good[first - 1]:
        first -= 1
    while last < _BINS - 1 and good[last + 1]:
        last += 1
    return (first + last) / 2
