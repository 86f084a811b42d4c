"""Tiled refinement: the sharpener runs on overlapping tiles of a picture at full resolution.

Independent tiles disagree in level and slope, which shows as seams. Here each tile is given the
metric depth of the whole picture and is aligned to it locally, so that it can only add detail finer
than its windows. Of that, only edges are used, where they are sharper than those of the whole
picture: thin structures missed at low resolution, but no relief from surface texture.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import torch
import torch.nn.functional as F

from .alignment import align, is_flat
from .edges import steps, where_sharper
from .enlarge import enlarge
from .grid import Grid
from .local_fit import fit_locally
from .windows import mean

CLOSER = 2.5  # maximum factor over the processing resolution: three tiles along a side
OVERLAP = 0.25  # of a tile, with the next
SMALLEST_EDGE = 0.06  # log depth from one pixel to the next
# In pixels of tiles with a longer side of 256, and scaled with it.
AROUND, RAMP, SEAM = 6, 4, 2  # see `where_sharper`; SEAM is the blend width around used edges
LEAST = 1.2  # minimum factor over the processing resolution for tiles to be worthwhile


@dataclass(frozen=True)
class Tiles:
    """Layout of the tiles; there are none if the picture is hardly larger than its grid.

    Attributes:
        size: (H, W) of the picture during refinement, pixels.
        tile: (h, w) of each tile.
        corners: (top, left) of each tile.
    """

    size: tuple[int, int]
    tile: tuple[int, int]
    corners: list[tuple[int, int]]

    @classmethod
    def over(cls, grid: Grid) -> "Tiles":
        """Cover the picture with tiles of the grid's size, if the picture is larger."""
        size, starts = [], []
        whole, tile = (grid.height, grid.width), (grid.inner_height, grid.inner_width)
        closer = min(CLOSER, max(whole) / max(tile))
        if closer < LEAST:
            return cls(tile, tile, [])
        for most, side in zip(whole, tile, strict=True):
            length = min(most, max(side, int(closer * side)))
            count = ceil((length - OVERLAP * side) / (side - OVERLAP * side) - 1e-6)
            size.append(length)
            starts.append([round(i * (length - side) / max(1, count - 1)) for i in range(count)])
        corners = [(top, left) for top in starts[0] for left in starts[1]]
        return cls(tuple(size), tile, corners)


def look_closer(
    log: torch.Tensor, picture: torch.Tensor, grid: Grid, multiple: int, look: Callable
) -> torch.Tensor:
    """Sharpen a depth map tile by tile.

    Args:
        log: Log depth of the whole picture, (h, w) on the grid without padding.
        picture: (1, 3, H, W) in 0..1.
        grid: Grid of the whole picture.
        multiple: The sides of network inputs must be multiples of this, pixels.
        look: Called with the picture (1, 3, h, w) and meters (1, 1, h, w) of one tile; returns the
            prediction and the difference of the two models likewise, or None if it has nothing to
            add.

    Returns:
        Logarithm of meters, (h', w') of `Tiles.size`.
    """
    tiles = Tiles.over(grid)
    if not tiles.corners:
        return log
    if max(tiles.size) < max(grid.height, grid.width):
        picture = F.interpolate(picture, tiles.size, mode="bilinear", antialias=True)
    log = enlarge(log, picture[0])
    height, width = tiles.tile
    weight = _ramp(height)[:, None] * _ramp(width)
    total, weights = torch.zeros_like(log), torch.zeros_like(log)
    for top, left in tiles.corners:
        part = (..., slice(top, top + height), slice(left, left + width))
        total[part] += weight * _sharpened(log[part], picture[part], multiple, look)
        weights[part] += weight
    closer = total / weights
    scale = max(tiles.tile) / 256
    around, ramp, seam = (max(1, round(each * scale)) for each in (AROUND, RAMP, SEAM))
    wins = where_sharper(steps(closer), steps(log), SMALLEST_EDGE, around, ramp)
    return torch.lerp(log, closer, mean(wins, seam))


def _sharpened(log, picture, multiple, look) -> torch.Tensor:
    """Sharpen one tile and align it to its known depth; return that if alignment fails."""
    metric = log.exp()
    if is_flat(metric):
        return log
    grid = Grid.fit(*log.shape, 0, multiple)
    found = look(grid.resize(picture), grid.resize(metric[None, None]))
    if found is None:
        return log
    prediction, error = (grid.crop(each)[0, 0] for each in found)
    everywhere = torch.ones(log.shape, dtype=torch.bool)
    fit = align(prediction.numpy(), metric.numpy(), error.numpy(), everywhere.numpy())
    if not fit.fitted:
        return log
    return fit_locally(torch.from_numpy(fit.depth).log(), log, (1 - error).square())


def _ramp(length) -> torch.Tensor:
    """Return blend weights along a tile side, with ramps over the overlaps."""
    place = torch.arange(length) + 0.5
    rim = max(1.0, OVERLAP * length)
    return (torch.minimum(place, length - place) / rim).clamp(max=1)
