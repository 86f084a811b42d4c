"""Decimation: a grid of a picture's samples as few triangles, off by a known part of a pixel.

The triangles are those of a hierarchy of right triangles (Evans, Kirkpatrick and Townsend,
"Right-Triangulated Irregular Networks", Algorithmica 30, 2001): each is halved at the middle of its
longest side, or stays. Whatever is halved, the surface has no cracks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .sight import Sight

# Samples along a side of the largest squares, a power of two.
_SIDE = 64
# Halvings of the error's range in the search for a number of faces.
_TRIES = 24
# Share of the nearest depth by which a camera goes forth at most.
_FORTH = 0.5
# Difference of places in the picture that rounding makes.
_SAME = np.float32(1e-6)
_LEFT, _RIGHT, _MIDDLE = slice(None, -1, 2), slice(2, None, 2), slice(1, None, 2)
_EVEN = slice(None, None, 2)


@dataclass(frozen=True)
class Decimation:
    """Triangles in the place of a grid.

    Attributes:
        points: (N, 3) float32, some of the grid's own.
        uvs: (N, 2) float32, likewise.
        triangles: (M, 3) int32 indices, anticlockwise as the camera sees them.
        worst: Pixels of the picture by which a sample of the grid is seen elsewhere, at most.
        mean: The same on average.
    """

    points: np.ndarray
    uvs: np.ndarray
    triangles: np.ndarray
    worst: float
    mean: float


def decimate(
    points: np.ndarray,
    uvs: np.ndarray,
    shown: np.ndarray,
    sight: Sight,
    move: float,
    *,
    error: float = 0.25,
    faces: int | None = None,
    has_alpha: bool = False,
) -> Decimation:
    """Take as few triangles as show a grid well, or so many of them at most.

    A triangle shows the part of the picture that its UVs span, linear in space. Its error is how
    far a sample of the picture is seen from where it is seen on the grid: by the picture's own
    camera, and by one that went right, up or forth by `move`.

    Args:
        points: (h, w, 3) in Blender's camera space, in any unit of length, all finite.
        uvs: (h, w, 2) in 0..1, u to the right and v upwards.
        shown: (h - 1, w - 1) bool, squares between four samples that there are.
        sight: Of the picture. One that goes all around closes where its edges meet: the same
            samples of the first and the last column are taken.
        move: As far as a camera goes, in the unit of the points.
        error: Pixels by which a sample may be off at most.
        faces: As many triangles at most, however far they are off; None for as few as `error`
            allows. There are two for each 64 x 64 samples at least.
        has_alpha: Whether the picture hides what is not shown, so that triangles may overlap it;
            else a border is off by as much as it moves.

    Returns:
        The triangles.

    Raises:
        ValueError: An array has another shape, or nothing is shown.
    """
    height, width = shown.shape[0] + 1, shown.shape[1] + 1
    if points.shape != (height, width, 3) or uvs.shape != (height, width, 2):
        raise ValueError(f"`points` and `uvs` must be of {height} x {width} samples.")
    if not shown.any():
        raise ValueError("`shown` must have something to show.")
    rows, columns = _spread(height), _spread(width)
    place = np.ix_(rows, columns)
    grid = np.concatenate([points[place], uvs[place]], axis=-1).astype(np.float32)
    covered = shown[np.ix_(np.minimum(rows[:-1], height - 2), np.minimum(columns[:-1], width - 2))]
    measure = _Measure(grid, covered, sight, move, has_alpha)
    detail = measure.details(faces is None)
    is_seam = (columns == 0) | (columns == width - 1)
    meeting = np.flatnonzero(is_seam & sight.is_around)
    _hand_up(detail, meeting)

    def triangles(included: np.ndarray) -> np.ndarray:
        found = _triangles(included)
        return found[_are_shown(found, covered, has_alpha)]

    if faces is None:
        while True:
            included = detail > error
            off = measure.errors(included)
            if not (off > error).any():
                break
            detail[off > error] = np.inf
            _hand_up(detail, meeting)
        corners = triangles(included)
    else:
        corners, included = _most(detail, faces, triangles)
        off = measure.errors(included)
    r, c = np.divmod(corners, len(columns))
    vertices = rows[r] * width + columns[c]
    vertices = vertices[_area(rows[r], columns[c]) != 0]
    used, index = np.unique(vertices, return_inverse=True)
    whole = slice(height), slice(width)
    seen = off[whole][measure.shown[whole]]
    return Decimation(
        points.reshape(-1, 3)[used].astype(np.float32),
        uvs.reshape(-1, 2)[used].astype(np.float32),
        index.reshape(-1, 3).astype(np.int32),
        float(seen.max()),
        float(seen.mean()),
    )


def _most(
    detail: np.ndarray, faces: int, triangles: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """The triangles of the least error that are not more than so many, and their vertices."""
    finite = detail[np.isfinite(detail)]
    low, high = 0.0, float(finite.max(initial=0.0))
    included = detail > high
    best = triangles(included)
    for _ in range(_TRIES):
        middle = (low + high) / 2
        wanted = detail > middle
        found = triangles(wanted)
        if len(found) > faces:
            low = middle
        else:
            high, best, included = middle, found, wanted
    return best, included


def _spread(count: int) -> np.ndarray:
    """Indices of so many samples, the last repeated until whole squares of `_SIDE` fit."""
    length = -(-(count - 1) // _SIDE) * _SIDE
    return np.minimum(np.arange(length + 1), count - 1)


def _area(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Twice that of each triangle."""
    down, across = np.diff(rows, axis=1), np.diff(columns, axis=1)
    return down[:, 0] * across[:, 1] - down[:, 1] * across[:, 0]


class _Measure:
    """How far off samples are.

    Attributes:
        shown: (H, W) bool, samples that count.
    """

    def __init__(
        self,
        grid: np.ndarray,
        covered: np.ndarray,
        sight: Sight,
        move: float,
        has_alpha: bool,
    ) -> None:
        self.grid, self.sight = grid, sight
        self.shown = _touching(covered, np.logical_or)
        nearest = float(sight.depth(grid[..., :3])[self.shown].min())
        forth = min(move, _FORTH * nearest)
        self.cameras = ((0, 0, 0), (move, 0, 0), (0, move, 0), (0, 0, -forth))
        self.places = [self._off(grid, camera) for camera in self.cameras]
        self.across, self.down = grid[0, :, 3], grid[:, 0, 4]
        # How far a border moves where a vertex on it is left out.
        self.borders = np.zeros(self.shown.shape, np.float32)
        if not has_alpha:
            spacing = sight.intrinsics.width * float(grid[0, 1, 3] - grid[0, 0, 3])
            border = self.shown & ~_touching(covered, np.logical_and)
            for half, at, _ in _levels(self.shown.shape):
                self.borders[at] = np.where(border[at], half * max(spacing, 1), 0)

    def details(self, is_bound: bool) -> np.ndarray:
        """By how much each sample is off halfway between the ends of its longest side.

        Where that must not exceed a bound, it is infinite for samples of which it is only nearly
        known.
        """
        detail = np.zeros(self.shown.shape, np.float32)
        for _, at, ends in _levels(self.shown.shape):
            first, second = (self.grid[end] for end in ends)
            halfway = (first + second) / 2
            found = self._between(halfway, at)
            if is_bound:
                found[self._moved(halfway, at)] = np.inf
            detail[at] = np.where(self.shown[at], found, 0)
        return np.maximum(detail, self.borders)

    def errors(self, included: np.ndarray) -> np.ndarray:
        """By how much each sample is off where only some are vertices."""
        surface = self.grid.copy()
        for _, at, ends in reversed(list(_levels(self.shown.shape))):
            halfway = (surface[ends[0]] + surface[ends[1]]) / 2
            surface[at] = np.where(included[at][..., None], self.grid[at], halfway)
        off = self._between(surface, (slice(None), slice(None)))
        off = np.where(included, off, np.maximum(off, self.borders))
        return np.where(self.shown, off, 0)

    def _between(self, surface: np.ndarray, at: tuple) -> np.ndarray:
        most = np.zeros(surface.shape[:-1], np.float32)
        moved = self._moved(surface, at)
        for camera, place in zip(self.cameras, self.places, strict=True):
            there = place[at].copy()
            there[moved] = self._blended(place, surface[moved][:, 3:])
            off = self._off(surface, camera) - there
            np.maximum(most, np.sqrt(np.einsum("...i,...i->...", off, off)), out=most)
        return most

    def _moved(self, surface: np.ndarray, at: tuple) -> np.ndarray:
        """Beside repeated samples, where the middle of a side is not where the sample is."""
        return (np.abs(surface[..., 3:] - self.grid[at][..., 3:]) > _SAME).any(-1)

    def _blended(self, values: np.ndarray, uvs: np.ndarray) -> np.ndarray:
        """Values of the grid between samples."""
        (height, width), (u, v) = values.shape[:2], uvs.T
        x = np.interp(u, self.across, np.arange(width))
        y = np.interp(-v, -self.down, np.arange(height))
        column = np.minimum(x.astype(np.intp), width - 2)
        row = np.minimum(y.astype(np.intp), height - 2)
        right, down = (x - column)[:, None], (y - row)[:, None]
        upper = values[row, column] * (1 - right) + values[row, column + 1] * right
        lower = values[row + 1, column] * (1 - right) + values[row + 1, column + 1] * right
        return (upper * (1 - down) + lower * down).astype(np.float32)

    def _off(self, surface: np.ndarray, camera: tuple[float, float, float]) -> np.ndarray:
        """Pixels between where parts of the picture are seen and where they are in the picture."""
        points: np.ndarray = surface[..., :3] - np.array(camera, np.float32)
        return self.sight.off(points, surface[..., 3:])


def _levels(shape: tuple[int, ...]) -> Iterator[tuple[int, tuple, tuple[tuple, tuple]]]:
    """Half a side, middles of longest sides and their ends, as indices, the finest first."""
    half = 1
    while half < _SIDE:
        rows, columns = (np.arange(0, length, half) for length in shape)
        for down, across in ((_EVEN, _MIDDLE), (_MIDDLE, _EVEN)):
            at = np.ix_(rows[down], columns[across])
            if across is _MIDDLE:
                ends = (
                    np.ix_(rows[down], columns[_LEFT]),
                    np.ix_(rows[down], columns[_RIGHT]),
                )
            else:
                ends = (
                    np.ix_(rows[_LEFT], columns[across]),
                    np.ix_(rows[_RIGHT], columns[across]),
                )
            yield half, at, ends
        # Diagonals of squares, which start at the middle of the square that they are a quarter of.
        r, c = np.meshgrid(rows[_MIDDLE], columns[_MIDDLE], indexing="ij")
        falls = (r + c) // (2 * half) % 2 == 1
        lean = np.where(falls, half, -half)
        yield half, (r, c), ((r - half, c - lean), (r + half, c + lean))
        half *= 2


def _hand_up(detail: np.ndarray, meeting: np.ndarray) -> None:
    """Give each vertex what is finer and needs it, in place.

    Args:
        detail: (H, W).
        meeting: Columns that lie on each other, of which each then has the same rows; may be none.
    """
    while True:
        _hand_up_once(detail)
        is_done = True
        half = 1
        while half < _SIDE and len(meeting):
            # Others in these rows are middles of sides between columns that lie on each other.
            at = np.ix_(np.arange(half, len(detail), 2 * half), meeting[meeting % half == 0])
            most = detail[at].max(1, keepdims=True)
            is_done &= bool((detail[at] == most).all())
            detail[at] = most
            half *= 2
        if is_done:
            return


def _hand_up_once(detail: np.ndarray) -> None:
    half = 1
    while half < _SIDE:
        view = detail[::half, ::half]
        if half > 1:
            finer = np.pad(detail[half // 2 :: half, half // 2 :: half], 1)
            around = np.maximum(finer[:-1], finer[1:])
            around = np.maximum(around[:, :-1], around[:, 1:])
            for at in ((_EVEN, _MIDDLE), (_MIDDLE, _EVEN)):
                view[at] = np.maximum(view[at], around[at])
        middles = view[_MIDDLE, _MIDDLE]
        for at in ((_LEFT, _MIDDLE), (_RIGHT, _MIDDLE), (_MIDDLE, _LEFT), (_MIDDLE, _RIGHT)):
            np.maximum(middles, view[at], out=middles)
        half *= 2


def _triangles(included: np.ndarray) -> np.ndarray:
    """(M, 3) flat indices of what stays if triangles are halved at vertices that are included."""
    height, width = included.shape
    flat = included.ravel()
    starts = (np.arange(0, length - 1, _SIDE) for length in included.shape)
    r, c = np.meshgrid(*starts, indexing="ij")
    falls = (r + c) // _SIDE % 2 == 0
    top, bottom = r * width + c, (r + _SIDE) * width + c
    start = np.where(falls, top, bottom).ravel()
    end = np.where(falls, bottom, top).ravel() + _SIDE
    below = np.where(falls, bottom, bottom + _SIDE).ravel()
    above = np.where(falls, top + _SIDE, top).ravel()
    current = np.concatenate([np.stack([start, below, end], 1), np.stack([end, above, start], 1)])
    # The longest side goes from the third corner to the first one.
    finished = []
    for _ in range(2 * (_SIDE.bit_length() - 1)):
        first, apex, last = current.T
        middle = (first + last) // 2
        split = flat[middle]
        finished.append(current[~split])
        first, apex, last, middle = first[split], apex[split], last[split], middle[split]
        current = np.concatenate(
            [np.stack([apex, middle, first], 1), np.stack([last, middle, apex], 1)]
        )
    return np.concatenate([*finished, current])


def _are_shown(triangles: np.ndarray, covered: np.ndarray, has_alpha: bool) -> np.ndarray:
    """Which triangles show something, (M,) bool; without alpha, at their middles."""
    rows, columns = np.divmod(triangles, covered.shape[1] + 1)
    if not has_alpha:
        return covered[rows.sum(1) // 3, columns.sum(1) // 3]
    total = np.pad(covered.astype(np.int32).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    top, bottom = rows.min(1), rows.max(1)
    left, right = columns.min(1), columns.max(1)
    return (total[bottom, right] - total[top, right] - total[bottom, left] + total[top, left]) > 0


def _touching(covered: np.ndarray, both: np.ufunc) -> np.ndarray:
    """Whether any, or all, of the squares at a sample are covered; outside there are none."""
    outside = both is np.logical_and  # the border of the grid is none of what is shown
    framed = np.pad(covered, 1, constant_values=outside)
    across = both(framed[:-1], framed[1:])
    return both(across[:, :-1], across[:, 1:])
