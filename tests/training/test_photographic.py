"""Pictures varied as cameras and files do."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training import photographic  # noqa: E402


def test_shape_and_range_remain_and_a_seed_is_a_picture():
    rgb = torch.rand(1, 3, 37, 50, generator=torch.Generator().manual_seed(0))
    before = rgb.clone()
    seen = [photographic.as_photographed(rgb, np.random.default_rng(seed)) for seed in range(12)]
    again = photographic.as_photographed(rgb, np.random.default_rng(3))
    assert torch.equal(seen[3], again) and torch.equal(rgb, before)
    for each in seen:
        assert each.shape == rgb.shape and each.dtype == torch.float32
        assert 0 <= each.min() and each.max() <= 1
        assert each.std() > 0.01  # never blotted out
    assert np.std([each.mean() for each in seen]) > 0.03


def test_a_vignette_darkens_the_corners_only():
    left = photographic._vignette((31, 51), 0.6)[0, 0]
    assert left[15, 25] == 1 and torch.allclose(left[0, 0], torch.tensor(0.4))
    assert torch.allclose(left, left.flip(0)) and torch.allclose(left, left.flip(1))


def test_blur_keeps_light_and_spreads_a_point():
    rgb = torch.zeros(1, 3, 21, 31)
    rgb[..., 10, 15] = 1
    seen = photographic._blurred(rgb, 1.0)
    torch.testing.assert_close(seen.sum((2, 3)), rgb.sum((2, 3)))
    # The peak of a Gaussian of standard deviation 1 px over whole pixels, squared for two axes.
    assert abs(seen[0, 0, 10, 15] - 0.1592) < 0.005


def test_compression_is_close_and_not_equal():
    y, x = torch.meshgrid(torch.linspace(0, 1, 40), torch.linspace(0, 1, 56), indexing="ij")
    rgb = torch.stack([x, y, (x + y) / 2])[None]
    seen = photographic._compressed(rgb, 60)
    assert seen.shape == rgb.shape and 0.001 < (seen - rgb).abs().mean() < 0.03
