"""Segments: the straight edges that a picture shows."""

import math

import numpy as np

from ..connected_components import component_runs

# Least change of gray a pixel that is an edge (values in 0..1), and directions told apart.
_CHANGE, _DIRECTIONS = 0.02, 8
# A segment's least length, as a share of the picture's longer side; the most that a pixel lies off
# it, in pixels; and the share of its length that has some.
_SHORTEST, _OFF, _FILLED, _ROUNDS = 0.05, 1.0, 0.6, 4
# Pixels that the ends of what is one segment lie off its line, at most.
_APART = 1.3


def straight_segments(gray: np.ndarray) -> np.ndarray:
    """Find straight edges, as regions of pixels whose gray changes in one direction.

    In the manner of von Gioi et al. 2010, with directions in bins: two sets of them, half a bin
    apart, so that no direction lies on a border of both.

    Args:
        gray: (H, W) float32 in 0..1, as perceived, such as sRGB.

    Returns:
        (N, 4) float64 ends (u0, v0, u1, v1) in pixels, the top-left pixel's center at (0.5, 0.5).
    """
    down, right = (np.zeros(gray.shape, np.float32) for _ in range(2))
    right[1:-1, 1:-1] = (gray[1:-1, 2:] - gray[1:-1, :-2]) / 2
    down[1:-1, 1:-1] = (gray[2:, 1:-1] - gray[:-2, 1:-1]) / 2
    strong = np.hypot(right, down) > _CHANGE
    crest = strong & _crests(np.abs(right), np.abs(down))
    turn = np.arctan2(down, right) / (2 * np.pi) * 2 * _DIRECTIONS
    found = np.concatenate([_segments(strong, crest, turn + shift) for shift in (0.0, 0.5)])
    return _joined(found)


def strips(
    segments: np.ndarray, shape: tuple[int, ...], half: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The pixels along segments.

    Args:
        segments: (N, 4) ends.
        shape: (height, width) of the picture.
        half: Pixels to either side of them.

    Returns:
        (segment, pixel, along, aside): (P,) number of the segment, flat index of the pixel, and
        pixels along it from its middle and to its side.
    """
    height, width = shape
    start, way = segments[:, :2], segments[:, 2:] - segments[:, :2]
    length = np.hypot(*way.T)
    count = np.maximum(length.astype(int), 1) + 1
    segment = np.repeat(np.arange(len(segments)), count)
    step = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    share = step / np.maximum(count[segment] - 1, 1)
    offsets = np.arange(-math.floor(half), math.floor(half) + 1)
    unit = way / np.maximum(length, 1e-9)[:, None]
    side = np.stack([-unit[:, 1], unit[:, 0]], 1)
    middle = start[segment] + share[:, None] * way[segment]
    at = middle[:, None] + offsets[:, None] * side[segment][:, None]
    segment = np.repeat(segment, len(offsets))
    u, v = np.floor(at.reshape(-1, 2).T).astype(int)
    inside = (u >= 0) & (u < width) & (v >= 0) & (v < height)
    # Each pixel once, and where its own middle is.
    key = np.unique(segment[inside] * (height * width) + v[inside] * width + u[inside])
    segment, pixel = np.divmod(key, height * width)
    v, u = np.divmod(pixel, width)
    apart = np.stack([u + 0.5, v + 0.5], 1) - (start + way / 2)[segment]
    along, aside = ((apart * each[segment]).sum(1) for each in (unit, side))
    return segment, pixel, along, aside


def parallel_pairs(segments: np.ndarray, widest: float) -> tuple[np.ndarray, np.ndarray]:
    """Find bars: pairs of segments that run beside each other.

    Args:
        segments: (N, 4) ends.
        widest: Pixels between the two, at most.

    Returns:
        (bars, halves): (M, 4) ends of their middle lines, and (M,) half their widths in pixels.
    """
    way = segments[:, 2:] - segments[:, :2]
    length = np.hypot(*way.T)
    unit = way / np.maximum(length, 1e-9)[:, None]
    side = np.stack([-unit[:, 1], unit[:, 0]], 1)
    ends = segments.reshape(-1, 1, 2, 2) - segments[None, :, None, :2]  # (j, i, end, 2)
    along = (ends * unit[None, :, None]).sum(-1)
    aside = (ends * side[None, :, None]).sum(-1)
    overlap = np.minimum(along.max(-1), length) - np.maximum(along.min(-1), 0)
    apart = np.abs(aside.mean(-1))
    pair = (apart > 1.5) & (apart < widest) & (np.ptp(aside, axis=-1) < np.maximum(3, apart / 2))
    pair &= overlap > 0.6 * np.maximum(length[:, None], length)
    second, first = np.nonzero(np.triu(pair, 1))
    low = np.minimum(along.min(-1), 0)[second, first]
    high = np.maximum(along.max(-1), length)[second, first]
    middle = segments[first, :2] + side[first] * (aside.mean(-1)[second, first] / 2)[:, None]
    bars = [middle + reach[:, None] * unit[first] for reach in (low, high)]
    return np.concatenate(bars, 1), apart[second, first] / 2


def longer(segments: np.ndarray, by: float) -> np.ndarray:
    """Segments that go on by so many pixels at either end."""
    way = segments[:, 2:] - segments[:, :2]
    way = by * way / np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    return np.concatenate([segments[:, :2] - way, segments[:, 2:] + way], 1)


def crossing_groups(segments: np.ndarray, reach: float) -> np.ndarray:
    """Number the groups of segments that cross, or would if they went on so many pixels.

    Args:
        segments: (N, 4) ends.
        reach: Pixels.

    Returns:
        (N,) number of each one's group.
    """
    start, way = segments[:, :2], segments[:, 2:] - segments[:, :2]
    length = np.hypot(*way.T)
    cross = way[:, None, 0] * way[None, :, 1] - way[:, None, 1] * way[None, :, 0]
    between = start[None] - start[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        # Of each, where along it the other's line is, as a share of its length.
        place = (between[..., 0] * way[None, :, 1] - between[..., 1] * way[None, :, 0]) / cross
    spare = (reach / length)[:, None]
    on = (place > -spare) & (place < 1 + spare)
    steep = np.abs(cross) > 0.2 * length[:, None] * length[None]
    joined = on & on.T & steep | np.eye(len(segments), dtype=bool)
    group = np.arange(len(segments))
    while True:
        lowest = np.where(joined, group[None], len(group)).min(1)
        if (lowest == group).all():
            return np.unique(group, return_inverse=True)[1]
        group = lowest


def _joined(segments: np.ndarray) -> np.ndarray:
    """Make one of segments on one line, with a gap no longer than the longer of them."""
    for _ in range(3):
        way = segments[:, 2:] - segments[:, :2]
        length = np.hypot(*way.T)
        order = np.argsort(-length, kind="stable")
        segments, way, length = segments[order], way[order], length[order]
        unit = way / np.maximum(length, 1e-9)[:, None]
        side = np.stack([-unit[:, 1], unit[:, 0]], 1)
        ends = segments.reshape(-1, 1, 2, 2) - segments[None, :, None, :2]  # (j, i, end, 2)
        along = (ends * unit[None, :, None]).sum(-1)
        aside = np.abs((ends * side[None, :, None]).sum(-1)).max(-1)
        gap = np.maximum(along.min(-1) - length[None], -along.max(-1))
        joins = (aside < _APART * (1 + gap.clip(0) / length[None])) & (gap < length[None])
        # Each goes to the longest that takes it, which itself goes to none.
        leader = np.arange(len(segments))
        for j in range(len(segments)):
            taken = np.flatnonzero(joins[j, :j] & (leader[:j] == np.arange(j)))
            if len(taken):
                leader[j] = taken[0]
        if (leader == np.arange(len(segments))).all():
            return segments
        kept = np.flatnonzero(leader == np.arange(len(segments)))
        low, high = np.zeros(len(segments)), length.copy()
        for j in np.flatnonzero(leader != np.arange(len(segments))):
            low[leader[j]] = min(low[leader[j]], along[j, leader[j]].min())
            high[leader[j]] = max(high[leader[j]], along[j, leader[j]].max())
        start = segments[kept, :2]
        segments = np.concatenate(
            [start + low[kept, None] * unit[kept], start + high[kept, None] * unit[kept]], 1
        )
    return segments


def _crests(right: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Where the change is no less than a pixel before and after, in its own direction."""
    crest = np.zeros(right.shape, bool)
    inner = slice(1, -1)
    across = (right[:, inner] >= right[:, :-2]) & (right[:, inner] > right[:, 2:])
    along = (down[inner] >= down[:-2]) & (down[inner] > down[2:])
    crest[:, inner] = across & (right >= down)[:, inner]
    crest[inner] |= along & (down > right)[inner]
    return crest


def _segments(strong: np.ndarray, crest: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """Lines through the crests of regions that change in one direction."""
    height, width = strong.shape
    labels = np.where(strong, np.floor(turn).astype(np.int16) % (2 * _DIRECTIONS) + 1, 0)
    start, _, region = component_runs(labels, diagonal=True)
    pixel = np.flatnonzero(crest)
    region = region[np.searchsorted(start, pixel, "right") - 1]
    count = np.bincount(region)
    kept = count[region] > _SHORTEST * max(height, width) / 2
    _, region = np.unique(region[kept], return_inverse=True)
    v, u = np.divmod(pixel[kept], width)
    u, v, size = u + 0.5, v + 0.5, int(region.max(initial=-1)) + 1
    weight = np.ones(len(u))
    for _ in range(_ROUNDS):
        total = np.maximum(np.bincount(region, weight, size), 1e-9)
        x, y = (np.bincount(region, weight * each, size) / total for each in (u, v))
        right, down = u - x[region], v - y[region]
        xx, yy, xy = (
            np.bincount(region, weight * each, size) / total
            for each in (right * right, down * down, right * down)
        )
        angle = 0.5 * np.arctan2(2 * xy, xx - yy)
        across, along = np.cos(angle), np.sin(angle)
        aside = np.abs(down * across[region] - right * along[region])
        weight = np.where(aside < _OFF, 1.0, 1e-3)  # what turns off at a corner is left
    on = aside < _OFF
    place = (right * across[region] + down * along[region])[on]
    low, high = np.zeros(size), np.zeros(size)
    np.minimum.at(low, region[on], place)
    np.maximum.at(high, region[on], place)
    long = high - low
    filled = np.bincount(region[on], minlength=size) > _FILLED * long
    kept = filled & (long > _SHORTEST * max(height, width))
    ends = [x + low * across, y + low * along, x + high * across, y + high * along]
    return np.stack(ends, 1)[kept]
