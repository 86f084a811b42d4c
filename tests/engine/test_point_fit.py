import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.point_fit import FINEST, fit_points

HEIGHT, WIDTH = 96, 128


@pytest.fixture
def scene():
    """(true, predicted) log depth of a board before a wall; the prediction errs differently."""
    wall = np.linspace(1.4, 1.8, WIDTH) * np.ones((HEIGHT, 1))
    board = np.zeros((HEIGHT, WIDTH), bool)
    board[30:80, 40:90] = True
    truth = np.where(board, 0.7, wall)
    predicted = truth + np.where(board, 0.3, 0.1)
    return torch.from_numpy(truth).float(), torch.from_numpy(predicted).float()


def measured(log, count, noise=0.01, seed=0):
    random = np.random.default_rng(seed)
    u, v = random.uniform(0, log.shape[1], count), random.uniform(0, log.shape[0], count)
    depth = log.exp().numpy()[v.astype(int), u.astype(int)]
    return np.stack([u, v, depth * (1 + random.normal(0, noise, count))], 1)


def error(log, truth):
    return float((log - truth).abs().mean())


@pytest.mark.parametrize(("count", "share"), [(3, 0.5), (30, 0.3), (300, 0.15), (5000, 0.1)])
def test_more_points_make_depth_truer(scene, count, share):
    truth, predicted = scene
    field, left_out = fit_points(predicted, measured(truth, count))
    assert field.shape == truth.shape and field.dtype == torch.float32 and left_out == 0
    assert error(predicted + field, truth) < share * error(predicted, truth)


def test_points_on_a_board_do_not_move_the_wall_behind_it(scene):
    truth, predicted = scene
    field, _ = fit_points(predicted, measured(truth, 400))
    assert field[55, 65] == pytest.approx(-0.3, abs=0.02)
    assert field[55, 36] == pytest.approx(-0.1, abs=0.05)  # 4 px beside its edge


def test_one_point_sets_the_scale(scene):
    _, predicted = scene
    field, _ = fit_points(predicted, np.array([[5.5, 5.5, 3.0]]))
    torch.testing.assert_close(field, field.mean().expand_as(field))
    assert float(predicted[5, 5] + field[5, 5]) == pytest.approx(np.log(3), abs=1e-5)


def test_points_that_the_others_contradict_are_left_out(scene):
    truth, predicted = scene
    points = measured(truth, 100)
    points[:5, 2] *= 3
    field, left_out = fit_points(predicted, points)
    assert 4 <= left_out <= 8
    assert error(predicted + field, truth) < 0.25 * error(predicted, truth)


def test_the_unit_of_points_does_not_matter(scene):
    truth, predicted = scene
    points = measured(truth, 60)
    field, _ = fit_points(predicted, points)
    scaled, _ = fit_points(predicted, points * (1, 1, 1000))
    torch.testing.assert_close(scaled, field + float(np.log(1000)), rtol=0, atol=1e-4)


def test_a_large_map_gives_the_field_of_a_smaller_one(scene):
    truth, predicted = scene
    points = measured(truth, 200)
    large = torch.nn.functional.interpolate(predicted[None, None], scale_factor=8.0)[0, 0]
    assert max(large.shape) > FINEST
    field, _ = fit_points(large, points * (8, 8, 1))
    small, _ = fit_points(predicted, points)
    assert field.shape == large.shape
    assert (field[4::8, 4::8] - small).abs().mean() < 0.01


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 2)])
def test_every_size(size):
    field, _ = fit_points(torch.zeros(size), np.array([[0.5, 0.5, 2.0], [0.6, 0.5, 2.1]]))
    assert field.shape == size and torch.isfinite(field).all()
