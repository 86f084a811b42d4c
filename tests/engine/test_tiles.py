import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.grid import Grid
from sharpdepth_blender.engine.tiles import Tiles, look_closer


@pytest.mark.parametrize(
    ("height", "width", "resolution"),
    [(768, 1024, 256), (2160, 3840, 768), (97, 401, 48), (400, 60, 64), (4320, 7680, 768)],
)
def test_tiles_cover_the_picture_and_overlap(height, width, resolution):
    grid = Grid.fit(height, width, resolution, 8)
    tiles = Tiles.over(grid)
    seen = np.zeros(tiles.size, int)
    for top, left in tiles.corners:
        part = seen[top : top + tiles.tile[0], left : left + tiles.tile[1]]
        assert part.shape == tiles.tile == (grid.inner_height, grid.inner_width)
        part += 1
    assert seen.min() >= 1 and seen.mean() > 1.2 and len(tiles.corners) <= 9
    assert max(tiles.size) == min(max(height, width), int(2.5 * resolution))


@pytest.mark.parametrize("size", [(200, 256), (64, 80), (230, 300)])
def test_a_picture_that_was_seen_whole_has_none(size):
    grid = Grid.fit(*size, 256, 8)
    assert not Tiles.over(grid).corners
    log = torch.rand(grid.inner_height, grid.inner_width)
    assert look_closer(log, torch.rand(1, 3, *size), grid, 8, None) is log


@pytest.fixture
def scene():
    """Posts before a slope, its smooth self without them, and a picture: (truth, smooth, rgb)."""
    height, width = 192, 256
    y, x = torch.meshgrid(torch.arange(height) / 192, torch.arange(width) / 256, indexing="ij")
    smooth = torch.log(2 + 3 * x + y)
    posts = (torch.arange(width) % 32 < 3).expand(height, -1)
    return torch.where(posts, smooth - 0.5, smooth), smooth, torch.rand(1, 3, height, width)


class Looks:
    """A sharpener that knows the truth of each tile, up to what `spoil` makes of it."""

    def __init__(self, truth, picture, spoil=lambda depth, count: depth):
        self.count = 0
        self._truth, self._picture, self._spoil = truth, picture, spoil

    def __call__(self, picture, metric):
        self.count += 1
        match = (self._picture - picture[:, :, :1, :1]).abs().sum((0, 1))
        top, left = np.unravel_index(int(match.argmin()), match.shape)
        height, width = metric.shape[2:]
        part = self._truth[top : top + height, left : left + width].exp()[None, None]
        return self._spoil(part, self.count), torch.zeros_like(metric)


def small(log, grid):
    return grid.crop(grid.resize(log[None, None]))[0, 0]


def test_tiles_add_thin_things_at_the_level_of_the_whole(scene):
    truth, smooth, picture = scene
    grid = Grid.fit(192, 256, 128, 8)
    look = Looks(truth, picture, lambda depth, count: (1 + 0.3 * count) * depth)
    log = look_closer(small(smooth, grid), picture, grid, 8, look)
    assert look.count == len(Tiles.over(grid).corners) == 9 and log.shape == truth.shape
    # A post stands out by half its depth or so; the rest is lifted with it, as its window is.
    stands_out = log[:, 38::32].mean() - log[:, 33:-4:32].mean()
    assert stands_out - (smooth[:, 38::32].mean() - smooth[:, 33:-4:32].mean()) > 0.15
    between = slice(14, None, 32)  # columns halfway between two posts
    assert (log[:, between] - smooth[:, between]).abs().max() < 0.05


def test_relief_that_a_tile_sees_in_a_texture_is_not_taken(scene):
    _, smooth, picture = scene
    grid = Grid.fit(192, 256, 128, 8)
    relief = 0.04 * (torch.rand(192, 256) - 0.5)
    flat = look_closer(small(smooth, grid), picture, grid, 8, lambda *tile: None)
    log = look_closer(small(smooth, grid), picture, grid, 8, Looks(smooth + relief, picture))
    torch.testing.assert_close(log, flat, rtol=0, atol=1e-5)


def test_a_tile_that_cannot_be_fitted_keeps_what_was_known(scene):
    _, smooth, picture = scene
    grid = Grid.fit(192, 256, 128, 8)
    for answer in (
        lambda picture, metric: None,
        lambda picture, metric: (-metric, torch.zeros_like(metric)),
        lambda picture, metric: (metric * torch.nan, torch.zeros_like(metric)),
    ):
        log = look_closer(small(smooth, grid), picture, grid, 8, answer)
        torch.testing.assert_close(log, smooth, rtol=0, atol=0.01)


def test_a_flat_tile_is_not_looked_at():
    grid = Grid.fit(96, 128, 48, 8)
    log = torch.zeros(36, 48)
    assert (look_closer(log, torch.rand(1, 3, 96, 128), grid, 8, None) == 0).all()
