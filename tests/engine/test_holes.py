import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.holes import fill_holes


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 1), (2, 3), (33, 47), (64, 64)])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_holes_are_filled_within_the_measured_range(size, share):
    random = np.random.default_rng(0)
    depth = random.uniform(2, 9, size) * (random.uniform(size=size) < share)
    depth.flat[0] = 4
    depth = torch.from_numpy(depth.astype(np.float32))[None, None]
    filled = fill_holes(depth)
    measured = depth > 0
    assert torch.equal(filled[measured], depth[measured])
    assert filled.min() >= depth[measured].min() - 1e-5
    assert filled.max() <= depth[measured].max() + 1e-5


def test_a_hole_in_a_slope_continues_the_slope():
    """Between both sides and without a step at the rim that stands out of the slope by much."""
    slope = torch.linspace(1, 3, 64).expand(64, 64)[None, None]
    holed = slope.clone()
    holed[..., 24:40, 24:40] = 0
    error = (fill_holes(holed) - slope).abs()
    assert error.max() < 0.25
    assert error.mean() < 0.01


def test_no_holes_no_change():
    depth = torch.rand(1, 1, 5, 6) + 1
    assert fill_holes(depth) is depth
