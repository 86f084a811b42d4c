import math

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.edges import bend
from sharpdepth_blender.engine.enlarge import enlarge, enlarge_smoothly


def plane(height, width, slope):
    """Log depth of a ground that runs away from the camera, at any size the same."""
    rows = (torch.arange(height) + 0.5) / height
    return -torch.log(0.05 + slope * rows)[:, None].expand(-1, width)


def smoothly(log, size):
    return torch.nn.functional.interpolate(log[None, None], size, mode="bilinear")[0, 0]


@pytest.mark.parametrize("slope", [0.1, 1.0, 8.0])
def test_a_plane_does_not_bend_at_any_slope(slope):
    assert bend(plane(60, 80, slope)).max() < 1e-3


@pytest.mark.parametrize("slope", [0.0, 0.3, 6.0])
@pytest.mark.parametrize("size", [(96, 128), (131, 400), (30, 40)])
def test_a_plane_stays_one_up_to_the_rim(slope, size):
    wanted = plane(*size, slope)
    torch.testing.assert_close(
        enlarge_smoothly(plane(48, 64, slope), size), wanted, rtol=1e-4, atol=0.01
    )


@pytest.mark.parametrize("size", [(300, 400), (97, 401), (60, 80), (30, 40), (1, 500), (1000, 3)])
def test_every_size(size):
    log = torch.zeros(60, 80)
    log[:, 40:] = 1
    large = enlarge(log, torch.rand(3, *size))
    assert large.shape == size and large.dtype == torch.float32
    assert large.min() >= -0.7 and large.max() <= 1.7


def test_an_edge_lies_where_the_picture_has_it_and_is_one_pixel_wide():
    """A slanting edge, which the small map knows to an eighth of its place only."""
    height, width = 384, 512
    x, y = torch.meshgrid(torch.arange(width), torch.arange(height), indexing="xy")
    behind = x > 150 + 0.4 * y
    picture = torch.where(behind, 0.8, 0.2).expand(3, -1, -1)
    truth = behind.float()
    log = torch.nn.functional.avg_pool2d(truth[None, None], 8)[0, 0]
    wrong = (enlarge(log, picture) - truth).abs() > 0.5
    before = (smoothly(log, (height, width)) - truth).abs() > 0.5
    assert wrong.float().mean() < 0.2 * before.float().mean() + 1e-4
    step = enlarge(log, picture)[:, 1:] - enlarge(log, picture)[:, :-1]
    assert step.max(1).values.median() > 0.8


def test_grain_hardly_moves_an_edge():
    """Of a static shot: what an edge of blurred depth changes by from one frame to the next."""
    column = torch.arange(192)
    depth = torch.where(torch.arange(48) < 25, 2.0, 5.0).log().expand(36, 48)
    small = (depth + depth.roll(1, 1)) / 2
    small[:, 0] = depth[:, 0]
    frames = []
    for seed in range(4):
        grain = torch.randn(3, 144, 192, generator=torch.Generator().manual_seed(seed))
        frames.append(enlarge(small, 0.4 + 0.3 * (column >= 100) + 0.02 * grain))
    change = torch.stack(frames).diff(dim=0).abs().mean((0, 1)).sum()
    assert 0 < change < 0.06 * math.log(2.5)  # pixels of that step; 0.08 by the grainy colors


@pytest.mark.parametrize("slope", [0.0, 0.3, 6.0])
def test_a_texture_on_a_plane_does_not_become_relief(slope):
    random = np.random.default_rng(0)
    checks = random.integers(0, 2, (48, 64, 3)).repeat(8, 0).repeat(8, 1).astype(np.float32)
    picture = torch.from_numpy(checks).permute(2, 0, 1)
    log = plane(48, 64, slope)
    torch.testing.assert_close(
        enlarge(log, picture), enlarge(log, torch.zeros_like(picture)), rtol=0, atol=0
    )


def test_a_picture_without_an_edge_there_gives_a_smooth_one():
    log = torch.zeros(32, 32)
    log[:, 16:] = 1
    large = enlarge(log, torch.full((3, 128, 128), 0.5))
    assert (large[:, 1:] >= large[:, :-1] - 1e-5).all()


def test_an_edge_does_not_fray_where_single_pixels_have_another_color():
    random = np.random.default_rng(0)
    log = torch.zeros(32, 32)
    log[:, 16:] = 1
    gray = np.where(np.arange(256) < 128, 0.2, 0.8) * np.ones((256, 1))
    gray = np.where(random.random(gray.shape) < 0.03, 1 - gray, gray)
    large = enlarge(log, torch.from_numpy(gray).float().expand(3, -1, -1))
    wrong = ((large > 0.5) != (torch.arange(256) >= 128)).float().mean()
    assert wrong < 0.0005
