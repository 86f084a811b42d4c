"""Segments: the straight edges that a picture shows."""

import math

import numpy as np

from ..connected_components import component_runs

# Pixels along the longer side in which edges are looked for, at most.
_DETAIL = 1024
# Least change of a channel at a pixel that is an edge (values in 0..1), and what it is at least as
# a multiple of the picture's median: so grain and leaves have none. Directions told apart.
_CHANGE, _USUAL, _DIRECTIONS = 0.01, 1.5, 8
# Pixels of the crest that a line is begun from, at least.
_SEED = 8
# Pixels that a crest lies off its line at most, and how far it may be turned (sine).
_OFF, _TURN = 1.0, 0.26
# Pixels without a crest that end a run, those that a run has at least, and the gap to the next that
# a line may cross, as a share of its length.
_BREAK, _RUN, _GAP = 3.0, 6, 0.35
# A segment's least length, as a share of the picture's longer side, and of that what has a crest.
_SHORTEST, _FILLED, _ROUNDS = 0.04, 0.55, 4
# One that is shorter than this share of that is given up before its direction is exact.
_HOPEFUL = 0.7


def straight_segments(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find straight edges, as lines of pixels across which a color changes most.

    In the manner of von Gioi et al. 2010, regions that change in one direction are found, with
    directions in bins: two sets of them, half a bin apart, so that no direction lies on a border of
    both. From each, the longest first, a line takes what lies on it and is turned as it is, over
    gaps that are short against it, such as those of a thing before it.

    Args:
        picture: (H, W, 3) float32 in 0..1, as perceived, such as sRGB.

    Returns:
        (segments, lines): (N, 4) float64 ends (u0, v0, u1, v1) in pixels, the top-left pixel's
        center at (0.5, 0.5); and (N,) number of the line that each is a part of, in order: there
        is something else between them.
    """
    step = math.ceil(max(picture.shape[:2]) / _DETAIL)
    picture = _reduced(picture, step)
    right, down = _gradient(picture)
    change = np.hypot(right, down)
    strong = change > max(_CHANGE, _USUAL * float(np.median(change)))
    crest = strong & _crests(np.abs(right), np.abs(down))
    turn = np.arctan2(down, right) / (2 * np.pi) * 2 * _DIRECTIONS
    pixel = np.flatnonzero(crest)
    if not len(pixel):
        return np.zeros((0, 4)), np.zeros(0, int)
    at = _placed(pixel, change, np.abs(right) >= np.abs(down))
    normal = np.stack([right.ravel()[pixel], down.ravel()[pixel]], 1)
    normal /= change.ravel()[pixel][:, None]
    seeds = [each for shift in (0.0, 0.5) for each in _seeds(strong, pixel, turn + shift)]
    seeds.sort(key=len, reverse=True)
    shortest = _SHORTEST * max(strong.shape)
    # Which crest is at a pixel, -1 for none or one that is taken.
    crests = np.full(strong.shape, -1, np.int32)
    crests.ravel()[pixel] = np.arange(len(pixel))
    found = []
    for seed in seeds:
        free = seed[crests.ravel()[pixel[seed]] >= 0]
        if len(free) < max(_SEED, len(seed) / 2):
            continue
        parts, taken = _grown(at, normal, crests, free, shortest)
        if len(parts) and np.hypot(*(parts[-1, 2:] - parts[0, :2])) >= shortest:
            found.append(parts)
            crests.ravel()[pixel[taken]] = -1
    lines = np.repeat(np.arange(len(found)), [len(parts) for parts in found])
    return step * np.concatenate([np.zeros((0, 4)), *found]), lines


def whole_lines(segments: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """(L, 4) ends of the lines that segments are parts of, as of `straight_segments`."""
    first = np.flatnonzero(np.diff(lines, prepend=-1))
    last = np.flatnonzero(np.diff(lines, append=len(segments)))
    return np.concatenate([segments[first, :2], segments[last, 2:]], 1)


def strips(
    segments: np.ndarray, shape: tuple[int, ...], half: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The pixels along segments, each once.

    Args:
        segments: (N, 4) ends.
        shape: (height, width) of the picture.
        half: Pixels to either side of them; a pixel is along one if half of it or more is.

    Returns:
        (segment, pixel, along, aside): (P,) number of the segment, flat index of the pixel, and
        pixels along it from its middle and to its side.
    """
    height, width = shape
    start, way = segments[:, :2], segments[:, 2:] - segments[:, :2]
    length = np.hypot(*way.T)
    unit = way / np.maximum(length, 1e-9)[:, None]
    # Of a steep one every row, of a flat one every column, and there what may be within reach.
    steep = np.abs(way[:, 1]) > np.abs(way[:, 0])
    number, main = np.arange(len(segments)), steep.astype(int)
    ends = np.sort(np.stack([segments[number, main], segments[number, main + 2]]), 0)
    first = np.floor(ends[0] - half - 1).clip(0, None).astype(int)
    last = np.ceil(ends[1] + half + 1).clip(None, np.where(steep, height, width)).astype(int)
    count = (last - first).clip(0, None)
    segment = np.repeat(number, count)
    place = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count - first, count)
    slope = unit[number, 1 - main] / np.where(length > 0, unit[number, main], 1)
    middle = start[number, 1 - main] + slope * (0.5 - start[number, main])
    reach = math.ceil((half + 0.5) * math.sqrt(2))
    beside = np.floor(middle[segment] + slope[segment] * place).astype(int)[:, None]
    beside = (beside + np.arange(-reach, reach + 1)).ravel()
    segment, place = (np.repeat(each, 2 * reach + 1) for each in (segment, place))
    u, v = np.where(steep[segment], beside, place), np.where(steep[segment], place, beside)
    apart = np.stack([u + 0.5, v + 0.5], 1) - (start + way / 2)[segment]
    side = np.stack([-unit[:, 1], unit[:, 0]], 1)
    along, aside = ((apart * each[segment]).sum(1) for each in (unit, side))
    on = (u >= 0) & (u < width) & (v >= 0) & (v < height)
    on &= (np.abs(aside) <= half + 0.5) & (np.abs(along) <= length[segment] / 2 + 0.5)
    return segment[on], (v * width + u)[on], along[on], aside[on]


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


def _reduced(picture: np.ndarray, step: int) -> np.ndarray:
    """Means of squares of so many pixels."""
    if step == 1:
        return picture
    height, width = (side // step for side in picture.shape[:2])
    whole = picture[: height * step, : width * step]
    return whole.reshape(height, step, width, step, -1).mean((1, 3))


def _gradient(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Change per pixel to the right and down, of the channel that changes most."""
    most, *best = (np.zeros(picture.shape[:2], np.float32) for _ in range(3))
    for channel in np.moveaxis(picture, -1, 0):
        right, down = np.zeros_like(most), np.zeros_like(most)
        inner = slice(1, -1)
        # Sobel's: smooth along the edge, so that its direction is sure.
        rows = (channel[:-2] + 2 * channel[inner] + channel[2:]) / 4
        columns = (channel[:, :-2] + 2 * channel[:, inner] + channel[:, 2:]) / 4
        right[inner, inner] = (rows[:, 2:] - rows[:, :-2]) / 2
        down[inner, inner] = (columns[2:] - columns[:-2]) / 2
        change = right * right + down * down
        more = change > most
        most[more] = change[more]
        for to, source in zip(best, (right, down), strict=True):
            to[more] = source[more]
    return best[0], best[1]


def _placed(pixel: np.ndarray, change: np.ndarray, is_across: np.ndarray) -> np.ndarray:
    """(P, 2) where crests are to a part of a pixel, at the top of a parabola through three."""
    v, u = np.divmod(pixel, change.shape[1])
    across = is_across.ravel()[pixel]
    flat = change.ravel().astype(np.float64)
    beside = np.where(across, 1, change.shape[1])
    before, here, after = flat[pixel - beside], flat[pixel], flat[pixel + beside]
    curved = before - 2 * here + after
    aside = np.where(curved < 0, (before - after) / np.minimum(2 * curved, -1e-9), 0).clip(
        -0.5, 0.5
    )
    return np.stack([u + 0.5 + aside * across, v + 0.5 + aside * ~across], 1)


def _seeds(strong: np.ndarray, pixel: np.ndarray, turn: np.ndarray) -> list[np.ndarray]:
    """Crests, as indices of `pixel`, of each region that changes in one direction."""
    labels = np.where(strong, np.floor(turn).astype(np.int16) % (2 * _DIRECTIONS) + 1, 0)
    start, _, region = component_runs(labels, diagonal=True)
    region = region[np.searchsorted(start, pixel, "right") - 1]
    order = np.argsort(region, kind="stable")
    first = np.flatnonzero(np.diff(region[order], prepend=-1))
    count = np.diff(first, append=len(order))
    large = count >= _SEED
    return [
        order[start : start + size]
        for start, size in zip(first[large].tolist(), count[large].tolist(), strict=True)
    ]


def _grown(
    at: np.ndarray, normal: np.ndarray, crests: np.ndarray, seed: np.ndarray, shortest: float
) -> tuple[np.ndarray, np.ndarray]:
    """The parts (N, 4) of the line through a seed, if it is one, and which crests are on it."""
    middle, way = _line_through(at[seed])
    near = seed
    for _ in range(_ROUNDS):  # what turns off at a corner is left
        aside = np.abs((at[seed] - middle) @ (-way[1], way[0]))
        within = aside <= _OFF
        if 2 * within.sum() < len(seed):
            within = aside <= np.median(aside)
        if within.all():
            break
        near = seed[within]
        middle, way = _line_through(at[near])
    begun = middle
    for _ in range(2):
        on = _beside(crests, middle, way)
        apart = at[on] - middle
        near = np.abs(apart @ (-way[1], way[0])) < _OFF
        near &= np.abs(normal[on] @ way) < _TURN
        on, place = on[near], apart[near] @ way
        order = np.argsort(place, kind="stable")
        on, place = on[order], place[order]
        low, high = _runs(place, float((begun - middle) @ way))
        if not len(low):
            return np.zeros((0, 4)), on
        on = on[(place >= low[0]) & (place <= high[-1])]
        long = high[-1] - low[0]
        if long < _HOPEFUL * shortest or len(on) < max(_SEED, _FILLED * long):
            return np.zeros((0, 4)), on
        middle, way = _line_through(at[on])
    ends = [middle + reach[:, None] * way for reach in (low, high)]
    return np.concatenate(ends, 1), on


def _beside(crests: np.ndarray, middle: np.ndarray, way: np.ndarray) -> np.ndarray:
    """The crests within two pixels of the line through a point, across the whole picture."""
    is_steep = abs(way[1]) > abs(way[0])
    if is_steep:
        crests, middle, way = crests.T, middle[::-1], way[::-1]
    height, width = crests.shape
    u = np.arange(width)
    v = np.floor(middle[1] + (u + 0.5 - middle[0]) * way[1] / way[0]).astype(int)
    rows = v + np.arange(-2, 3)[:, None]
    inside = (rows >= 0) & (rows < height)
    found = crests[rows.clip(0, height - 1), u][inside]
    return found[found >= 0]


def _line_through(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The middle of points and their direction, of least squares."""
    middle = points.mean(0)
    x, y = (points - middle).T
    angle = 0.5 * math.atan2(2 * float(x @ y), float(x @ x - y @ y))
    return middle, np.array([math.cos(angle), math.sin(angle)])


def _runs(place: np.ndarray, middle: float) -> tuple[np.ndarray, np.ndarray]:
    """Where the runs of crests at these sorted places begin and end that are one line."""
    breaks = np.flatnonzero(np.diff(place) > _BREAK)
    first, last = np.append(0, breaks + 1), np.append(breaks, len(place) - 1)
    kept = last - first + 1 >= _RUN
    low, high = place[first[kept]], place[last[kept]]
    if not len(low):
        return low, high
    start = int(np.maximum(low - middle, middle - high).argmin())
    end = start
    while True:
        longest = max(_BREAK, _GAP * (high[end] - low[start]))
        if start > 0 and low[start] - high[start - 1] < longest:
            start -= 1
        elif end + 1 < len(low) and low[end + 1] - high[end] < longest:
            end += 1
        else:
            return low[start : end + 1], high[start : end + 1]


def _crests(right: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Where the change is no less than a pixel before and after, in its own direction."""
    crest = np.zeros(right.shape, bool)
    inner = slice(1, -1)
    across = (right[:, inner] >= right[:, :-2]) & (right[:, inner] > right[:, 2:])
    along = (down[inner] >= down[:-2]) & (down[inner] > down[2:])
    crest[:, inner] = across & (right >= down)[:, inner]
    crest[inner] |= along & (down > right)[inner]
    return crest
