import numpy as np
import pytest

from sharpdepth_blender.geometry.sampling import sample_counts, sample_positions


@pytest.mark.parametrize("length", [1, 2, 3, 1920, 8191])
def test_as_many_samples_as_pixels_are_the_pixels(length):
    np.testing.assert_array_equal(sample_positions(length, length), np.arange(length))


@pytest.mark.parametrize("seed", range(30))
def test_samples_are_even_and_reach_both_ends(seed):
    rng = np.random.default_rng(seed)
    length = int(rng.integers(2, 5000))
    count = int(rng.integers(2, length + 1))
    positions = sample_positions(length, count)
    assert (positions[0], positions[-1], len(positions)) == (0, length - 1, count)
    steps = np.diff(positions)
    assert steps.min() >= 1 and steps.max() - steps.min() <= 1


def test_counts_keep_the_proportions():
    assert sample_counts(1920, 1080, 960) == (960, 540)
    assert sample_counts(1080, 1920, 960) == (540, 960)
    assert sample_counts(1920, 1080, 9999) == (1920, 1080)
    assert sample_counts(4000, 3, 100) == (100, 2)
    assert sample_counts(1, 9, 5) == (1, 5)
