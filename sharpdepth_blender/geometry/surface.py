"""Surface: a depth map as a grid of quads, torn where depth jumps."""

from dataclasses import dataclass

import numpy as np

from .intrinsics import Intrinsics
from .projection import check_depth, unproject_at, valid_depth
from .sampling import sample_counts, sample_positions
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
        """Return the surface without the vertices that belong to no quad."""
        used = np.zeros(len(self.vertices), bool)
        used[self.quads.ravel()] = True
        index = np.cumsum(used, dtype=np.int32) - 1
        return Surface(self.vertices[used], index[self.quads], self.uvs[used], self.whole)

    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Find the edges of the quads, each once.

        Returns:
            (E, 2) int32 indices of vertices, the smaller first; and (M, 4) int32 indices of edges,
            of which the first is that from a quad's first to its second vertex.
        """
        height, width = (side + 1 for side in self.whole.shape)
        vertex = np.zeros((height, width), np.int32)  # where no quad is, it is never asked for
        for corner, part in zip(self.quads.T, _corners(vertex), strict=True):
            part[self.whole] = corner
        across, down = np.zeros((height, width - 1), bool), np.zeros((height - 1, width), bool)
        for there in (across[:-1], across[1:], down[:, :-1], down[:, 1:]):
            there |= self.whole

        index_across = np.cumsum(across, dtype=np.int32).reshape(across.shape) - 1
        count = np.count_nonzero(across)
        index_down = np.cumsum(down, dtype=np.int32).reshape(down.shape) + np.int32(count - 1)
        edges = np.empty((count + np.count_nonzero(down), 2), np.int32)
        edges[:count, 0], edges[:count, 1] = vertex[:, :-1][across], vertex[:, 1:][across]
        edges[count:, 0], edges[count:, 1] = vertex[:-1][down], vertex[1:][down]
        sides = index_down[:, :-1], index_across[1:], index_down[:, 1:], index_across[:-1]
        return edges, np.stack([side[self.whole] for side in sides], axis=-1)


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
    depth = depth[np.ix_(rows, columns)]

    valid = valid_depth(depth)
    index = (np.cumsum(valid, dtype=np.int32) - 1).reshape(valid.shape)
    whole = ~torn_quads(depth, columns, rows, tear_ratio)
    quads = np.stack([corner[whole] for corner in _corners(index)], axis=-1)

    uvs = np.empty((*depth.shape, 2), np.float32)
    uvs[..., 0] = (columns + 0.5) / intrinsics.width
    uvs[..., 1] = (1 - (rows + 0.5) / intrinsics.height)[:, None]
    points = unproject_at(depth, columns, rows, intrinsics)
    return Surface(points[valid], quads, uvs[valid], whole)


def _corners(grid: np.ndarray) -> tuple[np.ndarray, ...]:
    """Views of the values at each quad's corners, anticlockwise from the top left."""
    return grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]
