import pytest
import torch

from sharpdepth_blender.engine.grid import Grid
from sharpdepth_blender.geometry import Intrinsics


@pytest.mark.parametrize(
    ("size", "resolution", "inner", "pad"),
    [
        ((120, 160), 160, (120, 160), (0, 0)),
        ((118, 157), 0, (118, 157), (2, 3)),
        ((90, 120), 168, (126, 168), (2, 0)),  # enlarged
        ((333, 500), 100, (66, 100), (6, 4)),  # 66.6 rounded down
        ((500, 333), 100, (100, 66), (4, 6)),
        ((1, 4000), 768, (1, 768), (7, 0)),
        ((1, 1), 0, (1, 1), (7, 7)),
    ],
)
def test_sizes(size, resolution, inner, pad):
    grid = Grid.fit(*size, resolution, 8)
    assert (grid.inner_height, grid.inner_width) == inner
    assert (grid.pad_height, grid.pad_width) == pad


@pytest.mark.parametrize("size", [(100, 160), (160, 100)])
def test_intrinsics_point_at_the_same_place_of_the_picture(size):
    """A ramp across the picture, resized and padded, is read back where the intrinsics say."""
    height, width = size
    across = (torch.arange(width) + 0.5).expand(height, width)
    down = (torch.arange(height) + 0.5)[:, None].expand(height, width)
    grid = Grid.fit(height, width, 77, 8)
    resized = grid.resize(torch.stack([across, down])[None])[0]
    u, v = 41, 33  # a pixel of the grid, whose center is (41.5, 33.5)
    focal = Intrinsics(200, 210, 81, 48, width, height)
    seen_by_networks = grid.resize_intrinsics(focal)
    assert (seen_by_networks.height, seen_by_networks.width) == resized.shape[1:]
    fx, fy, cx, cy = seen_by_networks
    ray = (u + 0.5 - cx) / fx, (v + 0.5 - cy) / fy
    seen = (float(resized[0, v, u]) - 81) / 200, (float(resized[1, v, u]) - 48) / 210
    # 0.05 pixels for torch's rounding of the antialiasing weights; half a pixel would show as 0.25.
    assert ray == pytest.approx(seen, abs=0.05 / 200)
    restored = grid.restore_intrinsics(seen_by_networks)
    assert tuple(restored) == pytest.approx(tuple(focal))
    assert (restored.height, restored.width) == size


def test_padding_repeats_the_edge_and_comes_off_again():
    image = torch.rand(1, 3, 13, 10)
    grid = Grid.fit(13, 10, 0, 8)
    padded = grid.resize(image)
    assert padded.shape == (1, 3, 16, 16)
    assert torch.equal(padded[..., 13:, :10], image[..., 12:, :].expand(-1, -1, 3, -1))
    assert torch.equal(grid.restore(padded), image)
