import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.sampling import sample_counts, sample_positions, thin


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


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080), (37, 5), (2, 900), (8, 8)])
def test_thin_keeps_each_pixel_on_its_ray(size):
    height, width = size
    intrinsics = Intrinsics(500, 400, 0.4 * width, 0.7 * height, width, height)
    v, u = np.mgrid[:height, :width] + 0.5
    rays = np.stack([(u - intrinsics.cx) / 500, (v - intrinsics.cy) / 400], axis=-1)
    thinned, smaller = thin(rays, intrinsics, 50)
    assert thinned.shape[:2] == (smaller.height, smaller.width)
    assert max(smaller.width, smaller.height) == min(50, max(size))
    v, u = np.mgrid[: smaller.height, : smaller.width] + 0.5
    own = np.stack([(u - smaller.cx) / smaller.fx, (v - smaller.cy) / smaller.fy], axis=-1)
    # At most half a pixel of the old ones beside its own ray.
    assert np.abs((thinned - own) * (500, 400)).max() <= 0.5 + 1e-9
    same, unchanged = thin(rays, intrinsics, max(size))
    assert unchanged == intrinsics and np.array_equal(same, rays)
