import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.grid import Grid
from sharpdepth_blender.engine.measured_fit import (
    clean_map,
    fit_measurement,
    keep_measured,
    tell_change,
)

HEIGHT, WIDTH = 96, 128


@pytest.fixture
def scene():
    """A board at 2 m before a slanting wall, and a picture that shows it."""
    wall = np.linspace(4, 6, WIDTH, dtype=np.float32) * np.ones((HEIGHT, 1), np.float32)
    board = np.zeros((HEIGHT, WIDTH), bool)
    board[30:80, 40:90] = True
    picture = np.where(board, 0.9, 0.2).astype(np.float32)
    return np.where(board, np.float32(2), wall), torch.from_numpy(picture).expand(3, -1, -1)


def fitted(prediction, given, picture):
    """The whole way of a given map (holes 0), at its own size."""
    measured = given > 0
    filled = np.where(measured, given, np.median(given[measured])).astype(np.float32)
    clean = clean_map(filled, measured)
    grid = Grid.fit(*given.shape, max(given.shape), 4)
    log = torch.from_numpy(np.log(prediction.astype(np.float32)))
    fit = fit_measurement(log, clean, picture, grid, True)
    return keep_measured(fit.log, fit, clean).exp().numpy(), clean


def noisy(depth, share, seed=0):
    noise = np.random.default_rng(seed).normal(0, share, depth.shape)
    return (depth * (1 + noise)).astype(np.float32)


def error(depth, truth):
    return float(np.mean(np.abs(depth / truth - 1)))


@pytest.mark.parametrize("noise", [0.005, 0.01, 0.02])
def test_the_noise_of_a_map_is_found(scene, noise):
    depth, _ = scene
    clean = clean_map(noisy(depth, noise), np.ones(depth.shape, bool))
    assert clean.noise == pytest.approx(noise, rel=0.2)


def test_a_sharp_map_keeps_its_edges_and_loses_noise_whatever_the_sharpener_says(scene):
    depth, picture = scene
    given = noisy(depth, 0.01)
    melted = np.full(depth.shape, 3.0)
    melted[:, 70:] = 4  # an edge where there is none
    result, _ = fitted(melted, given, picture)
    assert error(result, depth) < 0.6 * error(given, depth)
    assert np.abs(np.log(result[50, 40] / result[50, 39])) > 0.5


def test_holes_get_the_sharpeners_edge_and_the_maps_meters(scene):
    depth, picture = scene
    given = noisy(depth, 0.005)
    given[60:96, 80:105] = 0  # a corner of the board, and the wall beside it
    result, _ = fitted(1.4 * depth, given, picture)
    assert error(result, depth) < 0.02
    assert np.log(result[70, 91] / result[70, 88]) > 0.7


def test_a_blurred_edge_becomes_the_sharpeners(scene):
    depth, picture = scene
    blurred = torch.nn.functional.avg_pool2d(
        torch.from_numpy(depth)[None, None], 9, 1, 4, count_include_pad=False
    )[0, 0].numpy()
    result, _ = fitted(1.2 * depth, noisy(blurred, 0.01), picture)
    assert error(result, depth) < 0.7 * error(blurred, depth)
    steps = [np.abs(np.diff(np.log(each[50, 80:100]))).max() for each in (result, blurred)]
    assert steps[0] > 3 * steps[1]


def test_flying_pixels_are_dropped(scene):
    depth, picture = scene
    given = depth.copy()
    rows = np.arange(32, 78, 3)
    given[rows, 40] = 3
    result, clean = fitted(depth, given, picture)
    assert not clean.trusted[rows, 40].any() and clean.trusted[:, :36].all()
    assert np.abs(result[rows, 40] / 2 - 1).max() < 0.1


def test_a_thin_pole_is_no_flying_pixel(scene):
    depth, _ = scene
    depth[:, 10] = 1
    assert clean_map(depth, np.ones(depth.shape, bool)).trusted[3:-3, 10].all()


@pytest.mark.parametrize("times", [1, 2, 3, 4, 6])
def test_sparse_rows_keep_their_meters_at_every_size(scene, times):
    """And all rows between them, whatever the filter's step is at that size."""
    depth, picture = scene
    depth = depth.repeat(times, 0).repeat(times, 1)
    picture = picture.repeat_interleave(times, 1).repeat_interleave(times, 2)
    given = noisy(depth, 0.005)
    given[np.arange(len(given)) % 8 != 4] = 0
    result, _ = fitted(1.3 * depth, given, picture)
    assert error(result, depth) < 0.03
    assert np.abs(result / depth - 1).mean(1).max() < 0.1


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 2), (5, 300)])
def test_every_size(size):
    depth = np.random.default_rng(1).uniform(1, 3, size).astype(np.float32)
    result, _ = fitted(depth, depth, torch.rand(3, *size))
    assert result.shape == size and np.isfinite(result).all() and result.min() > 0


def test_strips_change_nothing(scene, monkeypatch):
    depth, _ = scene
    measured = np.random.default_rng(0).uniform(size=depth.shape) > 0.2
    whole = clean_map(noisy(depth, 0.01), measured)
    monkeypatch.setattr("sharpdepth_blender.engine.measured_fit.STRIP", 7 * WIDTH)
    strips = clean_map(noisy(depth, 0.01), measured)
    torch.testing.assert_close(strips.log, whole.log)
    assert torch.equal(strips.trusted, whole.trusted)


def test_a_change_beyond_the_maps_accuracy_is_told_with_its_place(scene):
    depth, _ = scene
    measured = np.ones(depth.shape, bool)
    log = torch.from_numpy(np.log(depth))
    assert tell_change(log, depth, measured, 0.01) is None
    log[:20, 100:] += 0.2
    told = tell_change(log, depth, measured, 0.01)
    assert "4.6%" in told and "22.1%" in told and told.endswith("at the top right.")
