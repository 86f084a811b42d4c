"""Surface: a depth map as a grid of quads, torn where depth jumps."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .intrinsics import Intrinsics
from .projection import check_depth, unproject_at, valid_depth
from .sampling import sample_counts, sample_positions
from .strips import strips
from .tears import torn_quads


@dataclass(frozen=True)
class Surface:
    """A grid of quads seen by a camera.

    Attributes:
        vertices: (N, 3) float32 meters in Blender's camera space, row by row.
        quads: (M, 4) int32 indices of vertices, anticlockwise as the camera sees them.
        uvs: (N, 2) float32 in 0..1, u to the right and v upwards, on texel centers.
        whole: (h - 1, w - 1) bool, which quads of the grid of samples there are, row by row.
    """

    vertices: np.ndarray
    quads: np.ndarray
    uvs: np.ndarray
    whole: np.ndarray

    def without_loose(self) -> "Surface":
        """Return the surface without the vertices that belong to no quad; itself if none does."""
        used = np.zeros(len(self.vertices), bool)
        used[self.quads.ravel()] = True
        if used.all():
            return self
        index = np.cumsum(used, dtype=np.int32) - 1
        return Surface(self.vertices[used], index[self.quads], self.uvs[used], self.whole)

    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Find the edges of the quads, each once.

        Returns:
            (E, 2) int32 indices of vertices, the smaller first; and (M, 4) int32 indices of edges,
            of which the first is that from a quad's first to its second vertex.
        """
        height, width = (side + 1 for side in self.whole.shape)
        across, down = np.zeros((height, width - 1), bool), np.zeros((height - 1, width), bool)
        for there in (across[:-1], across[1:], down[:, :-1], down[:, 1:]):
            there |= self.whole
        # How many edges, and quads, come before each row.
        before_across, before_down, before = _before(across), _before(down), _before(self.whole)
        before_down += before_across[-1]

        edges = np.empty((before_down[-1], 2), np.int32)
        edges_of_quads = np.empty((len(self.quads), 4), np.int32)
        for rows in strips(height - 1, width):
            top, bottom = rows.start, rows.stop
            above, below = max(top - 1, 0), bottom + 1 if bottom == height - 1 else bottom
            # Of which the quads above have a part; where there is none, it is never asked for.
            vertex = np.zeros((bottom + 1 - above, width), np.int32)
            whole = self.whole[above:bottom]
            corners = self.quads[before[above] : before[bottom]].T
            for corner, part in zip(corners, _corners(vertex), strict=True):
                part[whole] = corner
            vertex, whole = vertex[top - above :], whole[top - above :]

            there = across[top:below]
            part = edges[before_across[top] : before_across[below]]
            part[:, 0] = vertex[: below - top, :-1][there]
            part[:, 1] = vertex[: below - top, 1:][there]
            part = edges[before_down[top] : before_down[bottom]]
            part[:, 0], part[:, 1] = vertex[:-1][down[rows]], vertex[1:][down[rows]]

            index_across = _counted(across[top : bottom + 1], before_across[top])
            index_down = _counted(down[rows], before_down[top])
            sides = index_down[:, :-1], index_across[1:], index_down[:, 1:], index_across[:-1]
            part = edges_of_quads[before[top] : before[bottom]]
            for number, side in enumerate(sides):
                part[:, number] = side[whole]
        return edges, edges_of_quads


def build_surface(
    depth: np.ndarray,
    intrinsics: Intrinsics,
    tear_ratio: float = 1.1,
    resolution: int | None = None,
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
    return grid_surface(depth, columns, rows, intrinsics, tear_ratio, unproject_at)


def grid_surface(
    depth: np.ndarray,
    columns: np.ndarray,
    rows: np.ndarray,
    intrinsics: Intrinsics,
    tear_ratio: float,
    unproject: Callable[[np.ndarray, np.ndarray, np.ndarray, Intrinsics], np.ndarray],
) -> Surface:
    """Build the surface of a grid of samples.

    Args:
        depth: (h, w) float32 meters of the samples, holes 0 or not finite.
        columns: (w,) picture column of each grid column, ascending.
        rows: (h,) picture row of each grid row, ascending.
        intrinsics: Of the whole picture.
        tear_ratio: As of `build_surface`.
        unproject: As `unproject_at`, called with the arguments above.
    """
    valid = valid_depth(depth)
    whole = ~torn_quads(depth, columns, rows, tear_ratio)
    before, before_quads = _before(valid), _before(whole)
    points = np.empty((before[-1], 3), np.float32)
    uvs = np.empty((before[-1], 2), np.float32)
    quads = np.empty((before_quads[-1], 4), np.int32)
    across = ((columns + 0.5) / intrinsics.width).astype(np.float32)
    upwards = (1 - (rows + 0.5) / intrinsics.height).astype(np.float32)
    for strip in strips(*depth.shape):
        top, bottom = strip.start, strip.stop
        there = valid[strip]
        part = slice(before[top], before[bottom])
        points[part] = unproject(depth[strip], columns, rows[strip], intrinsics)[there]
        uvs[part, 0] = np.broadcast_to(across, there.shape)[there]
        uvs[part, 1] = np.broadcast_to(upwards[strip, None], there.shape)[there]
        index = _counted(valid[top : bottom + 1], before[top])
        kept = whole[strip]
        part = slice(before_quads[top], before_quads[min(bottom, len(whole))])
        for number, corner in enumerate(_corners(index)):
            quads[part, number] = corner[kept]
    return Surface(points, quads, uvs, whole)


def _before(there: np.ndarray) -> np.ndarray:
    """(rows + 1,) how many of a (rows, columns) bool map come before each row."""
    counts = np.zeros(len(there) + 1, np.int64)
    np.cumsum(np.count_nonzero(there, axis=1), out=counts[1:])
    return counts


def _counted(there: np.ndarray, before: int) -> np.ndarray:
    """int32 number of each that is there, row by row, where so many come before."""
    return np.cumsum(there, dtype=np.int32).reshape(there.shape) + np.int32(before - 1)


def _corners(grid: np.ndarray) -> tuple[np.ndarray, ...]:
    """Views of the values at each quad's corners, anticlockwise from the top left."""
    return grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
