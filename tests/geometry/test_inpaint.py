import numpy as np
import pytest

from sharpdepth_blender.geometry.inpaint import continue_planes, continue_values

SHAPES = [(60, 80), (59, 81), (1, 33), (33, 1), (97, 2)]


def holes(shape, seed=0):
    """A picture with a rectangle, a border and a scatter unknown."""
    known = np.random.default_rng(seed).random(shape) > 0.05
    height, width = shape
    known[height // 3 : height // 2, width // 3 : width // 2] = False
    known[:, int(0.8 * width) :] = width < 5
    return known


@pytest.mark.parametrize("shape", SHAPES)
def test_known_values_stay_and_others_lie_between_them(shape):
    known = holes(shape)
    values = np.random.default_rng(1).random((3, *shape), np.float32)
    found = continue_values(values, known)
    assert found.dtype == np.float32
    assert (found[:, known] == values[:, known]).all()
    for channel, before in zip(found, values, strict=True):
        assert before[known].min() - 1e-5 <= channel.min() <= channel.max() <= 1.00001


def test_unknown_values_do_not_matter():
    known = holes((40, 50))
    values = np.random.default_rng(1).random((2, 40, 50), np.float32)
    other = np.where(known, values, 99)
    assert (continue_values(values, known) == continue_values(other, known)).all()


def test_a_constant_goes_on_as_it_is():
    known = holes((40, 51))
    found = continue_values(np.full((1, 40, 51), 0.3, np.float32), known)
    assert np.abs(found - 0.3).max() < 1e-6


def test_a_gap_between_two_colors_fades_from_one_to_the_other():
    values = np.zeros((1, 32, 64), np.float32)
    values[..., 40:] = 1
    known = np.ones((32, 64), bool)
    known[:, 20:40] = False
    row = continue_values(values, known)[0, 16]
    assert (np.diff(row) >= -1e-6).all()
    assert row[22] < 0.25 < 0.75 < row[37]


@pytest.mark.parametrize("shape", SHAPES)
def test_planes_stay_planes(shape):
    y, x = np.indices(shape)
    plane = (0.5 + 0.002 * x - 0.001 * y).astype(np.float32)
    known = holes(shape)
    found = continue_planes(np.where(known, plane, 7).astype(np.float32), known)
    assert (found[known] == plane[known]).all()
    assert np.abs(found - plane).max() < 1e-3 if min(shape) == 1 else 1e-4


def test_each_plane_goes_on_as_itself():
    """A ground and a wall, with a thing before both of them."""
    y, x = np.indices((120, 160))
    wanted = np.where(y < 60, 0.1, 0.1 + 0.004 * (y - 60)).astype(np.float32)
    known = np.abs(x - 80) > 10
    found = continue_planes(wanted, known)
    away = ~known & (np.abs(y - 60) > 15)
    assert np.abs(found - wanted)[away].max() < 0.01


def test_noise_is_not_blown_up():
    y, x = np.indices((120, 160))
    plane = (0.5 + 0.002 * x - 0.001 * y).astype(np.float32)
    noisy = plane + np.random.default_rng(0).normal(0, 0.005, plane.shape).astype(np.float32)
    found = continue_planes(noisy, holes(plane.shape))
    assert np.abs(found - plane).max() < 0.03


def test_nothing_known_is_zero():
    nothing = np.zeros((5, 7), bool)
    assert not continue_values(np.ones((3, 5, 7), np.float32), nothing).any()
    assert not continue_planes(np.ones((5, 7), np.float32), nothing).any()
