"""Surface: a depth map as a grid of quads, torn where depth jumps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .intrinsics import Intrinsics
from .projection import check_depth, unproject_at, valid_depth
from .sampling import sample_counts, sample_positions
from .strips import strips
from .tears import torn_quads

Unproject = Callable[[np.ndarray, np.ndarray, np.ndarray, Intrinsics], np.ndarray]


@dataclass(frozen=True)
class Surface:
    """A grid of quads seen by a camera.

    Its arrays are made at each access, strip by strip, so that no two of them need be in memory at
    once: a picture of 33 megapixels has half a gigabyte of quads.

    Attributes:
        depth: (h, w) float32 meters of the samples, holes 0 or not finite.
        columns: (w,) picture column of each grid column, ascending.
        rows: (h,) picture row of each grid row, ascending.
        intrinsics: Of the whole picture.
        unproject: As `unproject_at`, called with the above.
        taken: (h, w) bool, which samples are vertices.
        whole: (h - 1, w - 1) bool, which quads of the grid of samples there are.
    """

    depth: np.ndarray
    columns: np.ndarray
    rows: np.ndarray
    intrinsics: Intrinsics
    unproject: Unproject
    taken: np.ndarray
    whole: np.ndarray

    @property
    def vertices(self) -> np.ndarray:
        """(N, 3) float32 meters in Blender's camera space, row by row."""
        return self._of_samples(3, self._point_grid)

    @property
    def uvs(self) -> np.ndarray:
        """(N, 2) float32 in 0..1, u to the right and v upwards, on texel centers."""
        return self._of_samples(2, self._uv_grid)

    @property
    def quads(self) -> np.ndarray:
        """(M, 4) int32 indices of vertices, anticlockwise as the camera sees them, row by row."""
        before = _before(self.taken)
        return self._of_corners(np.int32, lambda rows: _counted(self.taken, rows, before))

    @property
    def uvs_of_corners(self) -> np.ndarray:
        """(M, 4, 2) float32, the `uvs` of the corners of each quad."""
        pairs = self._of_corners(
            np.float64, lambda rows: self._uv_grid(rows).view(np.float64)[..., 0]
        )
        return pairs.view(np.float32).reshape(-1, 4, 2)

    @property
    def edges(self) -> np.ndarray:
        """(E, 2) int32 indices of vertices, the smaller first, of the quads' edges, each once."""
        across, down = self._sides()
        before, before_across, before_down = _before(self.taken), _before(across), _before(down)
        count = before_across[-1]
        found = np.empty((count + before_down[-1], 2), np.int32)
        for strip in strips(*self.taken.shape):
            vertex = _counted(self.taken, slice(strip.start, strip.stop + 1), before)
            there = across[strip]
            part = found[before_across[strip.start] : before_across[strip.stop]]
            part[:, 0] = vertex[: len(there), :-1][there]
            part[:, 1] = vertex[: len(there), 1:][there]
            there = down[strip]
            part = found[count:][before_down[strip.start] : before_down[strip.start + len(there)]]
            part[:, 0] = vertex[: len(there)][there]
            part[:, 1] = vertex[1:][there]
        return found

    @property
    def edges_of_quads(self) -> np.ndarray:
        """(M, 4) int32 indices of `edges`, the first from a quad's first to its second vertex."""
        across, down = self._sides()
        before, before_across, before_down = _before(self.whole), _before(across), _before(down)
        before_down += before_across[-1]
        found = np.empty((before[-1], 4), np.int32)
        for strip in strips(*self.whole.shape):
            index_across = _counted(across, slice(strip.start, strip.stop + 1), before_across)
            index_down = _counted(down, strip, before_down)
            sides = index_down[:, :-1], index_across[1:], index_down[:, 1:], index_across[:-1]
            self._take(found, before, strip, sides)
        return found

    def _sides(self) -> tuple[np.ndarray, np.ndarray]:
        """(h, w - 1) and (h - 1, w) bool, which neighbors in a row or a column an edge joins."""
        height, width = self.taken.shape
        across, down = np.zeros((height, width - 1), bool), np.zeros((height - 1, width), bool)
        for there in (across[:-1], across[1:], down[:, :-1], down[:, 1:]):
            there |= self.whole
        return across, down

    def _point_grid(self, rows: slice) -> np.ndarray:
        """(rows, w, 3) float32."""
        return self.unproject(self.depth[rows], self.columns, self.rows[rows], self.intrinsics)

    def _uv_grid(self, rows: slice) -> np.ndarray:
        """(rows, w, 2) float32."""
        grid = np.empty((len(self.rows[rows]), len(self.columns), 2), np.float32)
        grid[..., 0] = (self.columns + 0.5) / self.intrinsics.width
        grid[..., 1] = 1 - (self.rows[rows, None] + 0.5) / self.intrinsics.height
        return grid

    def _of_samples(self, channels: int, values: Callable[[slice], np.ndarray]) -> np.ndarray:
        """(N, channels) float32, of `values` of a strip's samples."""
        before = _before(self.taken)
        found = np.empty((before[-1], channels), np.float32)
        for strip in strips(*self.taken.shape):
            found[before[strip.start] : before[strip.stop]] = values(strip)[self.taken[strip]]
        return found

    def _of_corners(self, kind: type, values: Callable[[slice], np.ndarray]) -> np.ndarray:
        """(M, 4) at the corners of each quad, of `values` of a strip's samples."""
        before = _before(self.whole)
        found: np.ndarray = np.empty((before[-1], 4), kind)
        for strip in strips(*self.whole.shape):
            corners = _corners(values(slice(strip.start, strip.stop + 1)))
            self._take(found, before, strip, corners)
        return found

    def _take(
        self, found: np.ndarray, before: np.ndarray, strip: slice, grids: Sequence[np.ndarray]
    ) -> None:
        """Write into the columns of `found` what each grid has at the quads of a strip."""
        part = found[before[strip.start] : before[strip.stop]]
        for number, grid in enumerate(grids):
            part[:, number] = grid[self.whole[strip]]


def build_surface(
    depth: np.ndarray,
    intrinsics: Intrinsics,
    tear_ratio: float = 1.1,
    resolution: int | None = None,
    keep_loose: bool = True,
) -> Surface:
    """Build the surface that a depth map shows.

    One vertex per valid sample, quads between neighbors, torn by the rule of `torn_quads`.
    Samples that are not finite or not above zero give no vertex.

    Args:
        depth: (H, W) z-depth in meters.
        intrinsics: Of the same size.
        tear_ratio: Depth ratio above which neighbors are torn apart where no plane explains it;
            >= 1, inf keeps all together.
        resolution: Samples along the picture's longer side, spread evenly from its first pixel to
            its last; whole number >= 2, None takes every pixel.
        keep_loose: Whether samples that belong to no quad give vertices, too.

    Returns:
        Surface.

    Raises:
        ValueError: Depth and intrinsics differ in size, or an argument is outside its range.
    """
    if not tear_ratio >= 1:
        raise ValueError(f"`tear_ratio` must be 1 or more, not {tear_ratio}.")
    if resolution is None:
        resolution = max(intrinsics.width, intrinsics.height, 2)
    if int(resolution) != resolution or resolution < 2:
        raise ValueError(f"`resolution` must be a whole number of 2 or more, not {resolution}.")
    depth = check_depth(depth, intrinsics)
    counts = sample_counts(intrinsics.width, intrinsics.height, resolution)
    columns = sample_positions(intrinsics.width, counts[0])
    rows = sample_positions(intrinsics.height, counts[1])
    if counts != (intrinsics.width, intrinsics.height):
        depth = depth[np.ix_(rows, columns)]
    return grid_surface(depth, columns, rows, intrinsics, tear_ratio, unproject_at, keep_loose)


def grid_surface(
    depth: np.ndarray,
    columns: np.ndarray,
    rows: np.ndarray,
    intrinsics: Intrinsics,
    tear_ratio: float,
    unproject: Unproject,
    keep_loose: bool,
) -> Surface:
    """Build the surface of a grid of samples.

    Args:
        depth: As of `Surface`, and so are the next three.
        columns: (w,).
        rows: (h,).
        intrinsics: Of the whole picture.
        tear_ratio: As of `build_surface`.
        unproject: As of `Surface`.
        keep_loose: As of `build_surface`.
    """
    whole = torn_quads(depth, columns, rows, tear_ratio)
    np.logical_not(whole, out=whole)
    taken = valid_depth(depth) if keep_loose else _touched(whole)
    return Surface(depth, columns, rows, intrinsics, unproject, taken, whole)


def _touched(whole: np.ndarray) -> np.ndarray:
    """(h, w) bool, which samples are corners of the (h - 1, w - 1) quads that there are."""
    height, width = whole.shape
    touched = np.zeros((height + 1, width + 1), bool)
    for corner in _corners(touched):
        corner |= whole
    return touched


def _before(there: np.ndarray) -> np.ndarray:
    """(rows + 1,) how many of a (rows, columns) bool map come before each row."""
    counts = np.zeros(len(there) + 1, np.int64)
    np.cumsum(np.count_nonzero(there, axis=1), out=counts[1:])
    return counts


def _counted(there: np.ndarray, rows: slice, before: np.ndarray) -> np.ndarray:
    """int32 number of each in these rows that is there, where so many come before each row."""
    part = there[rows]
    number = np.cumsum(part, dtype=np.int32).reshape(part.shape)
    number += np.int32(before[rows.start] - 1)
    return number


def _corners(grid: np.ndarray) -> tuple[np.ndarray, ...]:
    """Views of the values at each quad's corners, anticlockwise from the top left."""
    return grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
