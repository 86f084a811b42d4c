import numpy as np
import pytest

from sharpdepth_blender.geometry.fill import fill_smooth, measure_grain
from sharpdepth_blender.geometry.inpaint import continue_values

SHAPE = (210, 323)


def noise(shape=SHAPE, seed=0, smear=0.0):
    """White noise of deviation 1, or one in which each pixel follows those beside it."""
    values = np.random.default_rng(seed).standard_normal((3, *shape))
    for axis in (1, 2):
        if smear:
            values = values + smear * (np.roll(values, 1, axis) + np.roll(values, -1, axis))
    return values / values.std()


def wall(shape=SHAPE):
    """A wall lit from one side, (3, H, W)."""
    _, x = np.indices(shape)
    return np.stack([0.3 + 0.3 * x / shape[1], 0.25 + 0.3 * x / shape[1], 0.2 + 0.2 * x / shape[1]])


def invented(values, hole):
    """What a fill adds to what is smooth, in a hole; (3, H, W)."""
    values = values.astype(np.float32)
    filled = fill_smooth(values, ~hole)
    assert (filled[:, ~hole] == values[:, ~hole]).all()
    return filled - continue_values(values, ~hole)


@pytest.fixture
def hole():
    mask = np.zeros(SHAPE, bool)
    mask[60:150, 100:230] = True
    return mask


@pytest.mark.parametrize("smear", [0.0, 0.4])
def test_grain_has_the_amplitude_of_each_channel_and_its_correlation(hole, smear):
    wanted = np.array([0.01, 0.02, 0.04])
    grain = noise(smear=smear) * wanted[:, None, None]
    added = invented(wall() + grain, hole)[:, 70:140, 110:220]
    assert added.std((1, 2)) == pytest.approx(wanted, rel=0.12)
    for axis in (1, 2):
        for step in (1, 2):
            first = np.take(added[2], range(added.shape[axis] - step), axis - 1)
            second = np.take(added[2], range(step, added.shape[axis]), axis - 1)
            one = np.take(grain[2], range(SHAPE[axis - 1] - step), axis - 1)
            two = np.take(grain[2], range(step, SHAPE[axis - 1]), axis - 1)
            found = np.corrcoef(first.ravel(), second.ravel())[0, 1]
            assert found == pytest.approx(np.corrcoef(one.ravel(), two.ravel())[0, 1], abs=0.12)


def test_channels_of_grain_go_together_as_those_of_the_picture(hole):
    gray = noise()[:1] * 0.03 * np.ones((3, 1, 1))
    added = invented(wall() + gray, hole)[:, 70:140, 110:220].reshape(3, -1)
    assert np.corrcoef(added).min() > 0.9


def test_grain_grows_with_brightness_where_that_of_the_picture_does():
    x = np.indices(SHAPE)[1] / SHAPE[1]
    values = np.stack([0.1 + 0.8 * x] * 3)
    noisy = values + noise() * (0.005 + 0.04 * x)
    hole = np.zeros(SHAPE, bool)
    hole[40:170, 20:110], hole[40:170, 210:300] = True, True
    added = invented(noisy, hole)
    dark, bright = added[:, 60:150, 30:100].std(), added[:, 60:150, 220:290].std()
    assert dark == pytest.approx(0.005 + 0.04 * 0.2, rel=0.25)
    assert bright == pytest.approx(0.005 + 0.04 * 0.8, rel=0.25)


@pytest.mark.parametrize("rounded", [False, True])
def test_a_picture_without_noise_gets_none(hole, rounded):
    values = wall()
    if rounded:
        values = np.round(255 * values) / 255
    grain = measure_grain(values.astype(np.float32), ~hole)
    assert not grain.deviation.any()
    assert not invented(values, hole).any()


def test_texture_beside_what_is_flat_is_not_taken_for_grain(hole):
    values = wall() + 0.01 * noise()
    values[:, :, :60] += 0.2 * (np.indices(SHAPE)[0][:, :60] // 2 % 2)
    added = invented(values, hole)[:, 70:140, 110:220]
    assert added.std() == pytest.approx(0.01, rel=0.25)


def test_grain_is_the_same_each_time_and_stands_still(hole):
    values = (wall() + 0.02 * noise()).astype(np.float32)
    filled = fill_smooth(values, ~hole)
    assert (filled == fill_smooth(values, ~hole)).all()
    grain = measure_grain(values, ~hole)
    whole, part = np.zeros((3, 40, 50), np.float32), np.zeros((3, 30, 20), np.float32)
    grain.add_to(whole, np.ones((40, 50), bool))
    grain.add_to(part, np.ones((30, 20), bool), (10, 30))
    assert (part == whole[:, 10:, 30:]).all() and part.any()


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (8, 8), (1, 400)])
def test_what_is_too_small_to_measure_gets_none(shape):
    values = np.random.default_rng(0).random((3, *shape), np.float32)
    known = np.ones(shape, bool)
    known[0, 0] = False
    assert not measure_grain(values, known).deviation.any()
    assert np.isfinite(fill_smooth(values, known)).all()
