"""Match field: which patch of the source each patch of a level is matched with."""

import math

import numpy as np

from ..windows import share_about
from .level import Level
from .patch_match import COLORS, Matcher

# Sources that are tried for each patch where all are, about.
_MOST_SOURCES = 4_000
# By so much a patch may be made brighter or darker.
_MOST_SHIFT = 0.15
# Of a patch whose cost is that of the third quartile, and of one with no cost: the ratio of their
# votes is exp(-1 / (2 s^2)).
_VOTE_SPREAD = 0.2


class MatchField:
    """Which patch of the source each patch of a level's canvas is matched with.

    Attributes:
        level: The level.
        middles: (N,) flat indices of the middles of the canvas's patches.
        sources: (N,) of those of the source's.
        cost: (N,) float32 of each match.
        shift: (N, 3) float32, what is to be added to each source.
    """

    def __init__(self, level: Level) -> None:
        self.level = level
        height, width = level.hole.shape
        radius, stride = level.samples.radius, level.stride
        rows, columns = (_grid(length, radius, stride) for length in (height, width))
        touched = share_about(level.hole, radius) > 0
        active = touched[np.ix_(rows, columns)]
        self.shape = active.shape
        self._rows, self._columns = rows, columns
        self._place = np.full(active.shape, -1, np.int64)
        self._place[active] = np.arange(active.sum())
        at = np.nonzero(active)
        self._at = at
        self.middles = (rows[at[0]] * width + columns[at[1]]).astype(np.int64)
        self._all = np.flatnonzero(level.valid)
        self.sources = np.zeros(len(self.middles), np.int64)
        self.cost = np.full(len(self.middles), np.inf, np.float32)
        self.shift = np.zeros((len(self.middles), 3), np.float32)

    def search_all(self, which: np.ndarray, weight: np.ndarray) -> Matcher:
        """Match some with the best of (almost) all sources, by what counts so far.

        Args:
            which: Numbers of patches.
            weight: (H, W) float32, how much each pixel counts.

        Returns:
            What compares these.
        """
        few = self._all[:: max(1, math.ceil(len(self._all) / _MOST_SOURCES))]
        matcher = self._matcher(which, weight)
        self.sources[which] = matcher.search_all(few)
        every = np.arange(len(which))
        self.cost[which], self.shift[which] = matcher.compare(every, self.sources[which])
        return matcher

    def _matcher(self, which: np.ndarray, weight: np.ndarray) -> Matcher:
        level = self.level
        middles = self.middles[which]
        return Matcher(level.canvas, weight, level.source, middles, level.samples)

    def start_from(self, coarser: "MatchField", rng: np.random.Generator) -> None:
        """Begin with what a level of half the size has found."""
        width, below = self.level.hole.shape[1], coarser.level.hole.shape[1]
        rows, columns = np.divmod(self.middles, width)
        down = _nearest(coarser._rows, rows // 2)
        across = _nearest(coarser._columns, columns // 2)
        place = coarser._place[down, across]
        moved = (coarser.sources - coarser.middles)[place]
        from_row, from_column = np.divmod(coarser.sources[place], below)
        to_row, to_column = np.divmod(coarser.middles[place], below)
        rows = rows + 2 * (from_row - to_row)
        columns = columns + 2 * (from_column - to_column)
        sources, there = self._flat(rows, columns)
        drawn = self._all[rng.integers(0, len(self._all), len(sources))]
        self.sources = np.where(there & (place >= 0) & (moved != 0), sources, drawn)

    def measure(self) -> Matcher:
        """Compare anew, after the canvas has changed; returns what compares them."""
        every = np.arange(len(self.middles))
        matcher = self._matcher(every, self.level.weight)
        self.cost, self.shift = matcher.compare(every, self.sources)
        return matcher

    def improve(self, rng: np.random.Generator, with_jitter: bool) -> Matcher:
        """Try what neighbors have found, and what lies about the best; returns what compares."""
        matcher = self.measure()
        width = self.level.hole.shape[1]
        if with_jitter:
            for down in (-1, 0, 1):
                for across in (-1, 0, 1):
                    if down or across:
                        self._try(matcher, *np.divmod(self.sources, width), down, across)
        for step in (1, 3):
            for down, across in ((0, -step), (0, step), (-step, 0), (step, 0)):
                self._try_neighbors(matcher, down, across)
        reach = max(self.level.hole.shape) // 4
        while reach >= 2:
            moves = rng.integers(-reach, reach + 1, (2, len(self.middles)))
            self._try(matcher, *np.divmod(self.sources, width), *moves)
            reach //= 4
        return matcher

    def vote(self, matcher: Matcher, which: np.ndarray | slice = slice(None)) -> None:
        """Make each pixel of the hole what the patches over it say.

        Args:
            matcher: That compared the patches.
            which: Numbers of these, all of them by default.
        """
        level = self.level
        radius, width, channels = level.samples.radius, level.hole.shape[1], level.source.shape[2]
        middles, sources, cost = self.middles[which], self.sources[which], self.cost[which]
        usual = max(float(np.quantile(cost, 0.75)), 1e-6)
        trust = np.exp(-cost / (2 * _VOTE_SPREAD**2 * usual)) + np.float32(1e-6)
        trust *= matcher.confidence
        shift = np.clip(self.shift[which], -_MOST_SHIFT, _MOST_SHIFT)
        shift = np.pad(shift, ((0, 0), (0, channels - COLORS)))
        total = np.zeros(level.hole.size, np.float32)
        colors = np.zeros((level.hole.size, channels), np.float32)
        source = level.source.reshape(-1, channels)
        along = np.arange(-radius, radius + 1)
        falloff = np.cos(along * math.pi / (2 * radius + 2)).astype(np.float32)
        for down, high in zip(along, falloff, strict=True):
            for across, wide in zip(along, falloff, strict=True):
                offset = down * width + across
                places = middles + offset  # each once, since middles differ
                vote = trust * (high * wide)
                total[places] += vote
                colors[places] += vote[:, None] * (source[sources + offset] + shift)
        colors /= np.maximum(total, np.float32(1e-12))[:, None]
        level.say(colors.reshape(level.canvas.shape), (total > 0).reshape(level.hole.shape))

    def _try_neighbors(self, matcher: Matcher, down: int, across: int) -> None:
        row, column = self._at[0] + down, self._at[1] + across
        inside = (row >= 0) & (row < self.shape[0]) & (column >= 0) & (column < self.shape[1])
        place = np.full(len(row), -1)
        place[inside] = self._place[row[inside], column[inside]]
        width = self.level.hole.shape[1]
        rows, columns = np.divmod(self.middles, width)
        from_row, from_column = np.divmod(self.sources[place], width)
        to_row, to_column = np.divmod(self.middles[place], width)
        self._try(matcher, rows + from_row - to_row, columns + from_column - to_column, 0, 0, place)

    def _try(
        self,
        matcher: Matcher,
        rows: np.ndarray,
        columns: np.ndarray,
        down: int | np.ndarray,
        across: int | np.ndarray,
        place: np.ndarray | None = None,
    ) -> None:
        sources, there = self._flat(rows + down, columns + across)
        there &= sources != self.sources
        if place is not None:
            there &= place >= 0
        which = np.flatnonzero(there)
        cost, shift = matcher.compare(which, sources[which])
        better = cost < self.cost[which]
        which, sources = which[better], sources[which][better]
        self.sources[which] = sources
        self.cost[which], self.shift[which] = cost[better], shift[better]

    def _flat(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Flat indices of middles of sources, and whether there are such."""
        height, width = self.level.hole.shape
        there = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        flat = np.where(there, rows * width + columns, 0)
        return flat, there & self.level.valid.ravel()[flat]


def _grid(length: int, radius: int, stride: int) -> np.ndarray:
    """Middles of patches that cover so many pixels."""
    return np.unique(np.minimum(np.arange(radius, length, stride), length - 1 - radius))


def _nearest(grid: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Indices of those of an ascending grid that are nearest."""
    after = np.searchsorted(grid, places).clip(1, max(len(grid) - 1, 1))
    if len(grid) == 1:
        return np.zeros_like(places)
    return np.where(places - grid[after - 1] <= grid[after] - places, after - 1, after)
