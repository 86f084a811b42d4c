import math

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.enlarge import enlarge
from sharpdepth_blender.engine.ramps import firm_ramps

HEIGHT, WIDTH = 192, 256
ROWS, COLUMNS = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")


def slanting(x, y):
    """Where a slanting edge has what is behind it."""
    return x > 80 + 0.4 * y


BEHIND = slanting(COLUMNS, ROWS)


def gray(behind, grain=0.0):
    noise = grain * torch.randn(3, *behind.shape, generator=torch.Generator().manual_seed(0))
    return torch.where(behind, 0.8, 0.2) + noise


def blurred(log, side):
    """The map a small model makes: disparity, blurred by a box of `side` pixels."""
    rim = side // 2
    disparity = torch.nn.functional.pad((-log)[None, None].exp(), (rim,) * 4, mode="replicate")
    return -torch.nn.functional.avg_pool2d(disparity, side, 1)[0, 0].log()


def two_planes(slope):
    """A near and a far surface that both recede to the right."""
    near = 0.5 - slope * COLUMNS / WIDTH
    return -torch.log(torch.where(BEHIND, 0.5 * near, near))


def inside(rim):
    return (slice(rim, -rim), slice(rim, -rim))


@pytest.mark.parametrize(
    ("side", "left", "step"), [(7, 0.3, 0.55), (11, 0.3, 0.55), (15, 0.65, 0.4)]
)
@pytest.mark.parametrize("jump", [1.7, 3.0, 20.0])
def test_a_ramp_becomes_a_step_where_the_picture_has_it(side, left, step, jump):
    truth = torch.where(BEHIND, jump, 1.0).log()
    ramp = blurred(truth, side)
    firm = firm_ramps(ramp, gray(BEHIND))
    part = inside(side)
    before, after = ((each - truth).abs()[part].mean() for each in (ramp, firm))
    assert after < left * before
    largest = firm.diff(dim=1)[part].max(1).values
    assert largest.median() > step * math.log(jump)


@pytest.mark.parametrize("slope", [0.1, 0.3])
def test_surfaces_beside_a_ramp_keep_their_slope(slope):
    truth = two_planes(slope)
    ramp = blurred(truth, 11)
    firm = firm_ramps(ramp, gray(BEHIND))
    error = (firm - truth).abs()[inside(16)]
    assert error.mean() < 0.4 * (ramp - truth).abs()[inside(16)].mean()
    assert error.max() < 1.05 * math.log(2)


def test_a_sharp_edge_stays_where_it_is():
    """Whatever the picture has, such as another edge beside it."""
    log = torch.where(BEHIND, 3.0, 1.0).log()
    half = (log + log.roll(1, 1)) / 2  # of a pixel that shows both
    half[:, 0] = log[:, 0]
    for sharp in (log, half):
        assert firm_ramps(sharp, gray(slanting(COLUMNS + 6, ROWS))) is sharp


@pytest.mark.parametrize("slope", [0.0, 0.3, 6.0])
def test_a_plane_stays_one_whatever_its_texture(slope):
    log = -torch.log(0.05 + slope * (ROWS + 0.5) / HEIGHT)
    checks = np.random.default_rng(0).integers(0, 2, (12, 16)).repeat(16, 0).repeat(16, 1)
    assert firm_ramps(log, torch.from_numpy(checks).float().expand(3, -1, -1)) is log


def test_ripples_of_a_floor_do_not_become_relief():
    """As a small model makes of sunlight and boards: by a twentieth of disparity."""
    ripples = 1 + 0.05 * torch.sin(2 * math.pi * COLUMNS / 24)
    log = -torch.log((0.05 + (ROWS + 0.5) / HEIGHT) * ripples)
    assert firm_ramps(log, gray((COLUMNS // 12) % 2 == 0)) is log


def test_a_ramp_without_an_edge_in_the_picture_stays_one():
    ramp = blurred(torch.where(COLUMNS > 128, 3.0, 1.0).log(), 15)
    firm = firm_ramps(ramp, torch.full((3, HEIGHT, WIDTH), 0.5))
    assert (firm.diff(dim=1) >= -1e-5).all()
    assert ramp.min() - 1e-6 <= firm.min() and firm.max() <= ramp.max() + 1e-6
    assert firm.diff(dim=1).max() < 2 * ramp.diff(dim=1).max()


def test_a_thing_thinner_than_the_filter_stays():
    """A post of six pixels, blurred to a mound: it becomes a post, and does not vanish."""
    post = (COLUMNS >= 120) & (COLUMNS < 126)
    truth = torch.where(post, 1.0, 4.0).log()
    firm = firm_ramps(blurred(truth, 7), gray(post))
    errors = (firm - truth).abs()
    assert errors[40:-40, 122:124].mean() < 0.5 * math.log(4)
    assert errors.mean() < 0.5 * (blurred(truth, 7) - truth).abs().mean()


def test_grain_hardly_matters():
    truth = torch.where(BEHIND, 3.0, 1.0).log()
    ramp = blurred(truth, 11)
    clean, grainy = (firm_ramps(ramp, gray(BEHIND, grain)) for grain in (0.0, 0.02))
    part = inside(16)
    assert (clean - grainy)[part].abs().mean() < 0.15 * (ramp - truth)[part].abs().mean()


def test_it_is_the_same_in_any_unit():
    ramp = blurred(torch.where(BEHIND, 3.0, 1.0).log(), 11)
    firm = firm_ramps(ramp, gray(BEHIND))
    for unit in (1e-6, 1e6):
        moved = firm_ramps(ramp + math.log(unit), gray(BEHIND)) - math.log(unit)
        torch.testing.assert_close(moved, firm, rtol=0, atol=1e-4)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (1000, 3), (2, 2), (30, 40)])
def test_every_size(size):
    random = torch.Generator().manual_seed(0)
    log = 0.1 * torch.rand(size, generator=random).cumsum(1)
    firm = firm_ramps(log, torch.rand(3, *size, generator=random))
    assert firm.shape == size and firm.isfinite().all()
    assert firm.min() >= log.min() and firm.max() <= log.max() + 1e-5


@pytest.mark.parametrize("times", [1, 2, 4.5])
def test_a_picture_of_any_size_gets_a_sharp_edge_from_a_ramp(times):
    height, width = round(HEIGHT * times), round(WIDTH * times)
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    behind = slanting((x + 0.5) / times - 0.5, (y + 0.5) / times - 0.5)
    truth = torch.where(behind, 3.0, 1.0).log()
    ramp = blurred(torch.where(BEHIND, 3.0, 1.0).log(), 11)
    part = inside(round(16 * times))
    wrong = ((enlarge(ramp, gray(behind)) - truth).abs() > 0.3)[part].float().mean()
    before = ((ramp - torch.where(BEHIND, 3.0, 1.0).log()).abs() > 0.3)[inside(16)].float().mean()
    assert wrong < 0.25 * before
