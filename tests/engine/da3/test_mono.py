"""Depth Anything 3 Mono in the place of a diffusion model, fitted to metric depth."""

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.da3.network import farthest_in_sky
from sharpdepth_blender.engine.dinov2 import normalize
from sharpdepth_blender.engine.models import load_aligned
from sharpdepth_blender.engine.mono import MonoPipeline
from sharpdepth_blender.engine.sharpdepth import SharpDepth


@pytest.fixture(scope="module")
def mono(release):
    return load_aligned(release["mono"], torch.float32)


def test_its_depth_is_the_networks_fitted_to_meters(mono, network, case):
    assert type(mono) is MonoPipeline
    picture = case[2]["image"][:84, :112]  # multiples of 14, which nothing resizes
    with torch.no_grad():
        seen = torch.from_numpy(picture).permute(2, 0, 1)[None].float()
        own = farthest_in_sky(*network(normalize(seen)))
    metric = (3 + 2 * own / own.max())[0, 0].numpy()
    output = mono(picture, lambda asked: torch.from_numpy(metric), 0, fit="global",
                  intermediates=True)  # fmt: skip
    np.testing.assert_allclose(output.intermediates["mono_depth"], own, rtol=1e-4)
    np.testing.assert_allclose(output.depth, metric, rtol=1e-4)
    assert output.scale == pytest.approx(2 / float(own.max()), rel=1e-3)
    assert output.shift == pytest.approx(3, rel=1e-3) and not output.difference.any()


@pytest.mark.parametrize("size", [(1, 40), (60, 90), (200, 90)])
@pytest.mark.parametrize("detail", ["off", "edges", "tiles"])
def test_pictures_of_any_size_are_sharpened(mono, size, detail):
    rgb = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    metric = np.linspace(2, 9, size[0] * size[1], dtype=np.float32).reshape(size)
    model = SharpDepth("da3-aligned", mono)
    model.processing_resolution = 98
    result = model.infer(rgb, metric_depth=metric, detail=detail)
    assert result.depth.shape == size
    assert np.isfinite(result.depth).all() and (result.depth > 0).all()
