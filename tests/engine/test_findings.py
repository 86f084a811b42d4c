"""What a model knows besides depth comes to the size of the picture."""

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.findings import Findings
from sharpdepth_blender.engine.grid import Grid
from sharpdepth_blender.engine.metric import MetricEstimate
from sharpdepth_blender.geometry import Intrinsics

GRID = Grid.fit(45, 70, 35, 8)
SIZE = (GRID.inner_height + GRID.pad_height, GRID.inner_width + GRID.pad_width)
PICTURE = torch.full((3, 45, 70), 0.5)


def estimate(**more):
    return MetricEstimate(more.pop("depth", torch.full((1, 1, *SIZE), 3.0)), None, **more)


def found(**more):
    return Findings.of(estimate(**more), GRID, PICTURE)


def test_a_model_that_knows_nothing_more_tells_nothing_more():
    nothing = found()
    assert nothing.sky is nothing.normals is nothing.holes is nothing.found is None
    assert nothing.notes == []


def test_normals_keep_their_length_and_turn_at_the_edge_between_two_walls():
    normals = torch.zeros(1, 3, *SIZE)
    normals[:, 2, :, :18] = -1
    normals[:, 0, :, 18:] = -0.6
    normals[:, 2, :, 18:] = -0.8
    normals[:, :, :6] = 0
    seen = found(normals=normals).normals
    assert seen.shape == (45, 70, 3) and seen.dtype == np.float32
    np.testing.assert_allclose(seen[20:, :30], np.broadcast_to((0, 0, -1), (25, 30, 3)), atol=1e-6)
    np.testing.assert_allclose(
        seen[20:, 40:], np.broadcast_to((-0.6, 0, -0.8), (25, 30, 3)), atol=1e-6
    )
    assert not seen[:10].any()
    length = np.linalg.norm(seen, axis=2)
    assert ((np.abs(length - 1) < 1e-5) | (length == 0)).all()


def test_what_is_neither_surface_nor_sky_is_a_hole():
    depth, sky = torch.full((1, 1, *SIZE), 3.0), torch.zeros(1, 1, *SIZE)
    depth[..., :8, :] = 0
    sky[..., :8, :] = 1
    assert found(depth=depth, sky=sky).holes is None
    depth[..., 12:16, 10:20] = 0
    seen = found(depth=depth, sky=sky)
    wanted = np.zeros((45, 70), bool)
    height, width = GRID.inner_height, GRID.inner_width
    rows = ((np.arange(45) + 0.5) * height / 45).astype(int)
    columns = ((np.arange(70) + 0.5) * width / 70).astype(int)
    wanted[np.ix_((rows >= 12) & (rows < 16), (columns >= 10) & (columns < 20))] = True
    np.testing.assert_array_equal(seen.holes, wanted)
    assert seen.notes[-1:] == [
        f"The model sees no surface in {wanted.mean():.1%} of the picture; it is open there."
    ]


def test_a_found_lens_is_of_the_whole_picture():
    lens = found(found=Intrinsics(30, 31, 17, 11, *reversed(SIZE))).found
    assert (lens.width, lens.height) == (70, 45)
    assert lens.fx == pytest.approx(30 * 70 / GRID.inner_width)
    assert lens.cy == pytest.approx(11 * 45 / GRID.inner_height)
