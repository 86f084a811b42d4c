"""Thresholds: at which depths a picture is best cut into layers."""

import numpy as np

from .projection import valid_depth

FEWEST, MOST = 2, 8
_BINS = 192
# Share of the samples at either end that do not count, being strays.
_STRAYS = 1e-3
# A valley of the histogram is a place with at most so much of what is at the best cut.
_VALLEY = 0.5
# Nothing nearer than this is taken for the sky, in meters; and from what lies before it the sky
# is parted by a gap of at least this ratio.
_SKY_NEAREST, _SKY_GAP = 30.0, 1.25
# Share of the picture's top row that the sky has at least.
_SKY_TOP = 0.2


def propose_thresholds(depth: np.ndarray, count: int) -> tuple[float, ...]:
    """Find the depths that part a picture into layers.

    The classes have the least spread in log depth about their means (found exactly, over a
    histogram), where every depth counts by the root of how often it occurs, so that a small thing
    far from all others gets its own layer. Each threshold then goes to the emptiest place between
    the means of the two classes that it parts.

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
    values = np.log(depth[valid_depth(depth)].astype(np.float64))
    if not values.size:
        raise ValueError("There is no depth to be parted.")
    low, high = np.quantile(values, (_STRAYS, 1 - _STRAYS))
    if high - low < 1e-3:  # as good as flat
        middle = (low + high) / 2
        low, high = middle - 0.1, middle + 0.1
    counts, edges = np.histogram(values, _BINS, (low, high))
    weights, middles = np.sqrt(counts), (edges[1:] + edges[:-1]) / 2
    ends = _partition(weights, middles, count)
    cuts = _to_valleys(ends, weights, middles)
    return tuple(float(z) for z in np.exp(np.interp(cuts, np.arange(_BINS + 1), edges)))


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


def _partition(weights: np.ndarray, middles: np.ndarray, count: int) -> list[int]:
    """Where each class but the last ends, in bins: least sum of squares within classes."""
    bins = len(weights)
    sums = [np.concatenate([[0], np.cumsum(weights * middles**power)]) for power in (0, 1, 2)]
    zero, one, two = (total[None] - total[:, None] for total in sums)  # [from, to)
    with np.errstate(divide="ignore", invalid="ignore"):
        cost = np.where(zero > 0, two - one**2 / zero, 0.0)
    cost[np.tril_indices(bins + 1)] = np.inf  # no class without a bin
    best, before = cost[0], []
    for _ in range(count - 1):
        through = best[:, None] + cost
        before.append(through.argmin(0))
        best = through.min(0)
    ends, end = [], bins
    for step in reversed(before):
        end = step[end]
        ends.append(end)
    return ends[::-1]


def _to_valleys(ends: list[int], weights: np.ndarray, middles: np.ndarray) -> list[float]:
    """Move each end to the emptiest place between the means of its classes, if there is one."""
    smooth = np.convolve(weights, [1 / 9, 2 / 9, 3 / 9, 2 / 9, 1 / 9], "same")
    bounds = [0, *ends, len(weights)]
    means = []
    for start, stop in zip(bounds[:-1], bounds[1:], strict=True):
        total = weights[start:stop].sum()
        at = (start + stop) / 2
        if total > 0:
            at = (weights[start:stop] * np.arange(start, stop)).sum() / total
        means.append(at)
    cuts = []
    for index, end in enumerate(ends):
        first, last = int(np.ceil(means[index])), int(np.floor(means[index + 1]))
        if last <= first:
            cuts.append(float(end))
            continue
        between, here = smooth[first : last + 1], smooth[end - 1 : end + 1].min()
        if between.min() > _VALLEY * here:
            cuts.append(float(end))
            continue
        lowest = first + np.flatnonzero(between <= between.min() + 1e-9)
        # Of several that are as empty, the longest.
        runs = np.split(lowest, np.flatnonzero(np.diff(lowest) > 1) + 1)
        run = max(runs, key=len)
        cuts.append((run[0] + run[-1] + 1) / 2)
    return cuts
