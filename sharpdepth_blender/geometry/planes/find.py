"""Find: the planes of a picture, such as floor, walls and ceiling."""

from dataclasses import dataclass, replace

import numpy as np

from ..connected_components import connected_components, remove_small_components
from ..intrinsics import Intrinsics
from ..projection import check_depth, valid_depth
from ..windows import near_to
from .fit import LOOSE, Fit, refine
from .lines import STRIP
from .local import best_of_neighbors, local_planes
from .meeting import APART, NEARER, meetings
from .plane import Plane, points_of, rays_of
from .segments import (
    crossing_groups,
    longer,
    parallel_pairs,
    straight_segments,
    strips,
    whole_lines,
)
from .smoothing import smooth_labels

# Samples along the longer side of the grid on which planes are looked for.
_GRID = 160
# Sides of the squares whose planes are tried, as radii in samples of that grid.
_RADII = (2, 5, 12)
# The square whose plane tells how the surface is turned at a sample, and by how much that may
# differ from a plane it lies on (cosine).
_TURNED, _LIKE = 3, np.cos(np.radians(35))
# Of the flattest quarter, how far samples may lie off a plane; and at the most.
_WAVES, _LOOSEST = 10.0, 0.12
# What is off its plane by more than so many times that is no plane.
_WAVY = 4.0
# Share of the tolerance with which one is tried again that is none; and how far planes are apart,
# as a share of their vectors, that are then not tried any more.
_CLOSE, _SAME = 0.15, 0.005
# With larger waves it is not that planes are rough, but that there are none.
_WAVIEST = 0.04
# From this on, a larger square tells how a sample is turned.
_ROUGH, _TURNED_ROUGH = 0.05, 7
# A plane has at least this share of the known samples; less if it is an exact one.
_SMALLEST, _SMALLEST_EXACT, _EXACT = 0.015, 0.004, 0.0015
# A piece of a plane has this share of all samples at least.
_PIECE = 0.0015
_MOST = 16  # planes
_REFUSED = 40  # of candidates
# At full size, what lies within so many tolerances belongs to a plane.
_WIDER = 1.5
# Share of the picture below which a piece is no region of its own.
_SPECK = 1e-4
# What a sample costs, in squares of tolerances: off all planes, and at the most on one of them.
_NONE_COST, _MOST_COST = 1.2, 4.0
# Samples about where a plane was found at which it may go on.
_NEAR, _NEAR_ROUGH = 3, 12
# What neighbors count at full size, and how likely a plane has to be to be asked.
_GUIDE, _UNLIKELY = 2.0, 0.05
# A bar's greatest width, as a share of the picture's longer side, and what lies beyond its ends
# where its plane is seen; and by how much its depth may be too far for it.
_BAR, _END, _BEHIND = 0.025, 0.03, 0.35
# A bar that is farther than that differs by so many spreads of its color from what is within so
# many pixels beside it, and lies before that by this ratio.
_DISTINCT, _BESIDE, _BEFORE = 3.0, 6.0, 1.1
# From such a share on one plane on, an edge is no bar's; the second where no other plane has many.
_MAJORITY, _PLURALITY = 0.6, 0.3
# Share of each of two planes' samples that one plane for both explains.
_EXPLAINED = 0.9
# Where two planes meet, a corner may be rounded by so many tolerances.
_FOLD = 3.0
NO_PLANE = -1


@dataclass(frozen=True)
class Planes:
    """The planes of a picture.

    Attributes:
        fits: Each of them, that with the most pixels first; shares are of the known pixels.
        labels: (H, W) int8, the number of the plane that each pixel lies on, NO_PLANE for none.
        segments: (N, 4) ends (u0, v0, u1, v1) in pixels of the straight edges of the picture.
        lines: (N,) number of the line that each of those is a part of.
    """

    fits: tuple[Fit, ...]
    labels: np.ndarray
    segments: np.ndarray
    lines: np.ndarray

    @property
    def planes(self) -> tuple[Plane, ...]:
        """The planes alone."""
        return tuple(fit.plane for fit in self.fits)


def find_planes(
    depth: np.ndarray, intrinsics: Intrinsics, picture: np.ndarray | None = None
) -> Planes:
    """Find the planes that a depth map shows, and what lies on them.

    On a coarse grid, planes through squares of several sizes are tried one after another: that on
    which the most samples lie, turned as it is, is fitted to them and taken away, until none has
    enough. Then each pixel goes to the plane that it is nearest to, if it is near enough. Where two
    of them meet, the border between them is put on their line of intersection.

    Args:
        depth: (H, W) z-depth in meters, holes not finite or not above zero.
        intrinsics: Of the depth map.
        picture: (H, W, 3) sRGB in 0..1 of that size: what is alike and side by side is rather of
            one plane. None to go by depth alone.

    Returns:
        Planes; none where nothing is flat.

    Raises:
        ValueError: Depth and intrinsics differ in size.
    """
    depth = check_depth(depth, intrinsics)
    height, width = depth.shape
    step = max(1, round(max(height, width) / _GRID))
    rows, columns = (np.arange(min(step // 2, n - 1), n, step) for n in (height, width))
    coarse = depth[np.ix_(rows, columns)]
    known = valid_depth(coarse)
    points = points_of(coarse, intrinsics, rows, columns)
    waves = _waves(points, known)
    found = _merged(_search(points, known, waves), points)
    is_rough = _WAVES * waves > LOOSE
    segments, lines = np.zeros((0, 4)), np.zeros(0, int)
    if picture is not None and is_rough:
        segments, lines = straight_segments(picture)
    if not found:
        return Planes((), np.full(depth.shape, NO_PLANE, np.int8), segments, lines)
    colors = None if picture is None else picture[np.ix_(rows, columns)].astype(np.float32)
    likely = _likely(found, points, colors, segments, lines, step)
    fits = [fit for fit, _ in found]
    known = valid_depth(depth)
    depth = np.where(known, depth, np.float32(0))
    labels = _labels(fits, likely, depth, intrinsics, step)
    regions = [(each > 0.5) & valid_depth(coarse) for each in likely[:-1]]
    meets = meetings([fit.plane for fit in fits], regions, rays_of(intrinsics, rows, columns))
    _set_borders(labels, found, meets, likely, depth, intrinsics, step)
    if picture is not None and is_rough:
        _set_bars(labels, fits, whole_lines(segments, lines), depth, intrinsics, picture)
    labels[~known] = NO_PLANE
    labels = remove_small_components(labels, _SPECK * labels.size)
    return _counted(fits, labels, depth, segments, lines)


def _search(points: np.ndarray, known: np.ndarray, waves: float) -> list[tuple[Fit, np.ndarray]]:
    """Planes of a grid and the samples on each, (h, w) bool."""
    if known.sum() < 50:
        return []
    loose = float(np.clip(_WAVES * waves, LOOSE, _LOOSEST))
    radius = _TURNED if loose < _ROUGH else _TURNED_ROUGH
    normals = _unit(best_of_neighbors(*local_planes(points, known, radius), radius)[0])
    tried = _candidates(points, known, loose)
    # A part of the samples is enough to choose by.
    among = np.flatnonzero(known.ravel())
    among = among[:: max(1, len(among) // 4000)]
    some, turned = (each.reshape(-1, 3)[among].astype(np.float32) for each in (points, normals))
    score = (tried.astype(np.float32) @ some.T - 1) / np.float32(loose)
    score = np.maximum(1 - score**2, 0)
    score *= np.abs(_unit(tried).astype(np.float32) @ turned.T) > _LIKE
    free, refused = known.copy(), 0
    found: list[tuple[Fit, np.ndarray]] = []
    while len(found) < _MOST and refused < _REFUSED:
        totals = score @ free.ravel()[among].astype(np.float32)
        best = int(totals.argmax())
        if totals[best] < _SMALLEST_EXACT * len(among) / 2:
            break
        most = max(_EXACT, _WAVY * waves)
        # Of two surfaces close to each other, what is between them is refused, and either is found.
        taken = next(
            (
                each
                for reach in (loose, loose * _CLOSE)
                if (each := _grown(tried[best], points, normals, free, reach))
                and each[0].error <= most
            ),
            None,
        )
        if taken is None:
            refused += 1
            apart = np.linalg.norm(tried - tried[best], axis=1)
            score[apart < _SAME * np.linalg.norm(tried[best])] = 0
            continue
        score[best] = 0
        found.append(taken)
        free &= ~taken[1]
    return found


def _waves(points: np.ndarray, known: np.ndarray) -> float:
    """Relative error of depth of what is flat.

    Measured depth has planes to a thousandth, an estimate's are in waves.
    """
    if known.sum() < 50:
        return 0.0
    errors = best_of_neighbors(*local_planes(points, known, _RADII[-1]), _RADII[-1])[1]
    flat = float(np.quantile(errors[known], 0.25))
    return flat if flat < _WAVIEST else 0.0


def _candidates(points: np.ndarray, known: np.ndarray, loose: float) -> np.ndarray:
    """(K, 3) planes of squares of several sizes, side by side."""
    tried = []
    for radius in _RADII:
        planes, errors = local_planes(points, known, radius)
        every = (slice(radius, None, radius + 1),) * 2
        tried.append(planes[every][errors[every] < loose])
    return np.concatenate(tried)


def _grown(
    plane: np.ndarray, points: np.ndarray, normals: np.ndarray, free: np.ndarray, loose: float
) -> tuple[Fit, np.ndarray] | None:
    """Fit a plane to the free samples about it; None where it has too few."""
    fit, on = None, free
    for _ in range(3):
        tolerance = fit.tolerance if fit else loose
        like = free & (np.abs(normals @ _unit(plane)) > _LIKE)
        like &= np.abs(points @ plane - 1) < tolerance
        sizes, region = connected_components(like)
        on = like & (sizes >= _PIECE * like.size)[region]
        if on.sum() < 6:
            return None
        fit = refine(plane, points[on], loose)
        if fit is None:
            return None
        plane = fit.plane.vector
    if fit is None or on.sum() < (_SMALLEST_EXACT if fit.error < _EXACT else _SMALLEST) * on.size:
        return None
    on = free & (np.abs(points @ plane - 1) < _WIDER * fit.tolerance)
    sizes, region = connected_components(on)
    return fit, on & (sizes >= _PIECE * on.size)[region]


def _merged(
    found: list[tuple[Fit, np.ndarray]], points: np.ndarray
) -> list[tuple[Fit, np.ndarray]]:
    """Make one plane of two where it explains both as well as they do themselves."""
    found = list(found)
    again = True
    while again:
        again = False
        for one in range(len(found)):
            for other in range(one + 1, len(found)):
                joint = _joint(found[one], found[other], points)
                if joint is not None:
                    found[one] = joint
                    del found[other]
                    again = True
                    break
            if again:
                break
    return found


def _joint(
    one: tuple[Fit, np.ndarray], other: tuple[Fit, np.ndarray], points: np.ndarray
) -> tuple[Fit, np.ndarray] | None:
    if abs(float(one[0].plane.normal @ other[0].plane.normal)) < _LIKE:
        return None
    tolerance = max(one[0].tolerance, other[0].tolerance)
    both = one[1] | other[1]
    fit = refine(one[0].plane.vector, points[both], tolerance)
    if fit is None:
        return None
    for _, region in (one, other):
        error = np.abs(points[region] @ fit.plane.vector - 1)
        if np.mean(error < fit.tolerance) < _EXPLAINED:
            return None
    return fit, both


def _likely(
    found: list[tuple[Fit, np.ndarray]],
    points: np.ndarray,
    colors: np.ndarray | None,
    segments: np.ndarray,
    lines: np.ndarray,
    step: int,
) -> np.ndarray:
    """(K + 1, h, w) how likely each sample lies on each plane; the last for none."""
    costs = np.full((len(found) + 1, *points.shape[:2]), np.inf, np.float32)
    for number, (fit, region) in enumerate(found):
        error = (points @ fit.plane.vector - 1) / fit.tolerance
        near = near_to(region, _NEAR if fit.error < _EXACT else _NEAR_ROUGH)
        costs[number][near] = np.minimum(error[near] ** 2, _MOST_COST)
    costs[-1] = _NONE_COST
    if not len(segments):
        return smooth_labels(costs, colors)
    segment, sample, _, _ = strips(segments / step, costs.shape[1:], 1.0)
    return smooth_labels(costs, colors, (lines[segment], sample))


def _labels(
    fits: list[Fit],
    likely: np.ndarray,
    depth: np.ndarray,
    intrinsics: Intrinsics,
    step: int,
) -> np.ndarray:
    """The plane of each pixel, NO_PLANE for none."""
    labels = np.full(depth.shape, NO_PLANE, np.int8)
    index = _index(depth.shape, likely.shape[1:], step)
    height, width = depth.shape
    every = slice(0, height), slice(0, width)
    least = np.float32(_NONE_COST) - np.float32(_GUIDE) * _upsampled(likely[-1], every, step)
    for number, fit in enumerate(fits):
        window, near = _window_of(likely[number] > _UNLIKELY, index)
        if not near.size:
            continue
        error = _disparity(fit.plane, intrinsics, window) * depth[window] - 1
        error *= np.float32(1 / fit.tolerance)
        cost = np.minimum(error * error, np.float32(_MOST_COST))
        cost -= np.float32(_GUIDE) * _upsampled(likely[number], window, step)
        better = near & (cost < least[window])
        least[window][better] = cost[better]
        labels[window][better] = number
    return labels


def _set_borders(
    labels: np.ndarray,
    found: list[tuple[Fit, np.ndarray]],
    meets: np.ndarray,
    likely: np.ndarray,
    depth: np.ndarray,
    intrinsics: Intrinsics,
    step: int,
) -> None:
    """Put the border between planes that meet on their line of intersection."""
    index = _index(depth.shape, likely.shape[1:], step)
    around = [near_to(each > 0.5, 2) for each in likely[:-1]]
    for one in range(len(found)):
        for other in range(one):
            touching = around[one] & around[other]
            if meets[one, other] == APART or not touching.any():
                continue
            window, near = _window_of(near_to(touching, 2), index)
            fits = found[one][0], found[other][0]
            a, b = (_disparity(fit.plane, intrinsics, window) for fit in fits)
            first = (a > b) == (meets[one, other] == NEARER)
            seen = np.where(first, a, b)
            tolerance = max(fit.tolerance for fit in fits)
            here = labels[window]
            member = (here == one) | (here == other) | (here == NO_PLANE)
            folded = near & member & (np.abs(seen * depth[window] - 1) < _FOLD * tolerance)
            here[folded] = np.where(first, one, other)[folded]


def _set_bars(
    labels: np.ndarray,
    fits: list[Fit],
    segments: np.ndarray,
    depth: np.ndarray,
    intrinsics: Intrinsics,
    picture: np.ndarray,
) -> None:
    """Put bars whose both ends are on one rough plane on it, where their depth is too far.

    Estimates blur window bars with what is seen between them.
    """
    segments = segments[~_on_one_plane(labels, segments, len(fits))]
    bars, halves = parallel_pairs(segments, _BAR * max(labels.shape))
    if not len(bars):
        return
    beyond = _END * max(labels.shape)
    frame = crossing_groups(bars, beyond)
    line, pixel, along, aside = strips(longer(bars, beyond), labels.shape, 0.5 * beyond)
    length = np.hypot(*(bars[:, 2:] - bars[:, :2]).T)
    at_end = (np.abs(along) > length[line] / 2) & (labels.ravel()[pixel] != NO_PLANE)
    votes = np.zeros((frame.max() + 1, len(fits)))
    np.add.at(votes, (frame[line[at_end]], labels.ravel()[pixel[at_end]]), 1)
    number = votes.argmax(1)[frame]
    rough = np.array([fit.error > _EXACT for fit in fits])
    framed = (votes.max(1) > 0)[frame] & rough[number]
    own = (np.abs(aside) < halves[line] + 1) & framed[line]
    line, pixel = line[own], pixel[own]
    error = _error_at(pixel, number[line], fits, depth, intrinsics)
    behind = error > -np.array([fit.tolerance for fit in fits])[number[line]]
    behind &= (error < _BEHIND) | _stand_out(bars, halves, depth, picture)[line]
    labels.ravel()[pixel[behind]] = number[line[behind]]


def _stand_out(
    bars: np.ndarray, halves: np.ndarray, depth: np.ndarray, picture: np.ndarray
) -> np.ndarray:
    """(N,) bool, the bars of a color of their own, behind which depth lies on both sides."""
    found = np.zeros(len(bars), bool)
    colors, flat = picture.reshape(-1, 3), depth.ravel()
    line, pixel, _, aside = strips(bars, depth.shape, float(halves.max()) + _BESIDE)
    first = np.searchsorted(line, np.arange(len(bars) + 1))
    for number, half in enumerate(halves):
        own = slice(first[number], first[number + 1])
        at, off = pixel[own], aside[own]
        parts = (
            at[np.abs(off) < max(half - 0.5, 0.8)],
            at[(off < -half - 1.5) & (off > -half - _BESIDE)],
            at[(off > half + 1.5) & (off < half + _BESIDE)],
        )
        if not all(len(part) for part in parts):
            continue
        color, *others = (np.median(colors[part], axis=0) for part in parts)
        apart = min(float(np.abs(other - color).max()) for other in others)
        spread = float(np.abs(colors[parts[0]] - color).max(1).mean())
        near, *far = (float(np.median(flat[part])) for part in parts)
        found[number] = apart > _DISTINCT * spread and min(far) > _BEFORE * near
    return found


def _on_one_plane(labels: np.ndarray, segments: np.ndarray, count: int) -> np.ndarray:
    """(N,) bool, the segments most of which lies on one of so many planes."""
    segment, pixel, _, _ = strips(segments, labels.shape, STRIP)
    votes = np.zeros((len(segments), count + 1))
    np.add.at(votes, (segment, labels.ravel()[pixel]), 1)  # the last for NO_PLANE
    most = votes[:, :-1].max(1, initial=0)
    others = votes[:, :-1].sum(1) - most
    total = np.maximum(votes.sum(1), 1)
    return (most > _MAJORITY * total) | ((most > _PLURALITY * total) & (others < most / 3))


def _error_at(
    pixel: np.ndarray,
    number: np.ndarray,
    fits: list[Fit],
    depth: np.ndarray,
    intrinsics: Intrinsics,
) -> np.ndarray:
    """By how much depth is more than that of planes, relative, at pixels given by flat index."""
    v, u = np.divmod(pixel, depth.shape[1])
    across, down = (
        (u + 0.5 - intrinsics.cx) / intrinsics.fx,
        (v + 0.5 - intrinsics.cy) / intrinsics.fy,
    )
    x, y, z = np.array([fit.plane.vector for fit in fits])[number].T
    return (x * across + y * down + z) * depth.ravel()[pixel] - 1


def _index(shape: tuple[int, ...], coarse: tuple[int, ...], step: int) -> list[np.ndarray]:
    """The sample of the grid that is nearest to each row and each column."""
    return [np.minimum(np.arange(n) // step, m - 1) for n, m in zip(shape, coarse, strict=True)]


def _window_of(mask: np.ndarray, index: list[np.ndarray]) -> tuple[tuple[slice, slice], np.ndarray]:
    """The window of a mask of the grid in the picture, and the mask in it."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    if not len(rows):
        return (slice(0, 0), slice(0, 0)), np.zeros((0, 0), bool)
    vertical, horizontal = (
        slice(*np.searchsorted(each, (found[0], found[-1] + 1)).tolist())
        for each, found in zip(index, (rows, columns), strict=True)
    )
    return (vertical, horizontal), mask[np.ix_(index[0][vertical], index[1][horizontal])]


def _upsampled(values: np.ndarray, window: tuple[slice, slice], step: int) -> np.ndarray:
    """Values of the grid, between its samples linear, in a window of the picture."""
    for axis, part in enumerate(window):
        at = (np.arange(part.start, part.stop) - step // 2) / step
        at = np.clip(at, 0, values.shape[axis] - 1).astype(np.float32)
        low = np.minimum(at.astype(np.intp), max(values.shape[axis] - 2, 0))
        share = np.expand_dims(at - low, 1 - axis)
        high = np.minimum(low + 1, values.shape[axis] - 1)
        values = values.take(low, axis) * (1 - share) + values.take(high, axis) * share
    return values


def _disparity(plane: Plane, intrinsics: Intrinsics, window: tuple[slice, slice]) -> np.ndarray:
    rows, columns = (np.arange(each.start, each.stop) for each in window)
    return plane.disparity(intrinsics, rows, columns)


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(length, 1e-30)


def _counted(
    fits: list[Fit],
    labels: np.ndarray,
    depth: np.ndarray,
    segments: np.ndarray,
    lines: np.ndarray,
) -> Planes:
    """Planes with the most pixels first, and their shares of the known pixels."""
    pixels = np.bincount(labels[labels >= 0], minlength=len(fits))
    order = [number for number in np.argsort(-pixels, kind="stable") if pixels[number]]
    rank = np.full(len(fits) + 1, NO_PLANE, np.int8)
    rank[order] = np.arange(len(order))
    known = max(int(valid_depth(depth).sum()), 1)
    kept = tuple(replace(fits[number], share=float(pixels[number] / known)) for number in order)
    return Planes(kept, rank[labels], segments, lines)
