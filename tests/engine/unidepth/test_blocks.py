"""Each building block alone, number for number what the released code computes."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.rays import unproject
from sharpdepth_blender.engine.unidepth.attention import AttentionBlock, HeadAttentionBlock
from sharpdepth_blender.engine.unidepth.rays import resize_rays, unit_rays
from sharpdepth_blender.engine.unidepth.sines import position_sines, ray_sines, sines
from sharpdepth_blender.engine.unidepth.spherical_harmonics import spherical_harmonics
from sharpdepth_blender.engine.unidepth.v1_convolution import Upsample
from sharpdepth_blender.geometry import Intrinsics

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
SIZE = 37, 61
CAMERA = Intrinsics(100, 110, 30, 20, SIZE[1], SIZE[0])  # rays/K


@pytest.fixture(scope="module")
def ops():
    with np.load(GOLDEN / "unidepth_ops.npz") as file:
        return {key: torch.from_numpy(value) for key, value in file.items()}


@pytest.fixture
def filled(fill):
    def with_weights(block, name):
        shapes = {key: tuple(value.shape) for key, value in block.state_dict().items()}
        weights = {
            key: torch.from_numpy(fill(f"ops/{name}/{key}", shape)) for key, shape in shapes.items()
        }
        block.load_state_dict(weights)
        return block.requires_grad_(False)

    return with_weights


def test_the_tests_fill_weights_as_the_goldens_did(fill):
    known = json.loads((GOLDEN / "unidepth_fill_check.json").read_text())
    for name, numbers in known.items():
        values = fill(name, numbers["shape"])
        np.testing.assert_array_equal(values.ravel()[:4], np.float32(numbers["first4"]))
        assert values.sum(dtype=np.float64) == pytest.approx(numbers["sum_f64"], rel=1e-9)


def test_tokens_attend_to_themselves(ops, filled, relative_error):
    block = filled(AttentionBlock(32, heads=4), "attention_self")
    answer = block(ops["blk/x"], positions=ops["blk/pos"])
    assert relative_error(answer, ops["blk/attention_self"]) <= 1e-5


def test_tokens_attend_to_a_context(ops, filled, relative_error):
    block = filled(AttentionBlock(32, heads=1), "attention_cross")
    answer = block(ops["blk/x"], ops["blk/ctx"], context_positions=ops["blk/pos_ctx"])
    assert relative_error(answer, ops["blk/attention_cross"]) <= 1e-5


def test_the_heads_of_a_token_attend_to_one_another(ops, filled, relative_error):
    block = filled(HeadAttentionBlock(32, heads=4), "nystrom")
    answer = block(ops["blk/x"], positions=ops["blk/pos"])
    assert relative_error(answer, ops["blk/nystrom"]) <= 1e-5


def test_enlarging_halves_the_channels(ops, filled, relative_error):
    answer = filled(Upsample(32), "up")(ops["up/x"])
    assert relative_error(answer, ops["up/out"]) <= 1e-5


def test_spherical_harmonics_equal_the_golden_ones(ops, relative_error):
    assert relative_error(spherical_harmonics(ops["rsh/xyz"]), ops["rsh/out"]) <= 1e-5


def test_spherical_harmonics_are_orthonormal():
    """By a quadrature that is exact up to degree 17: Gauss-Legendre, and even steps about."""
    z, weights = np.polynomial.legendre.leggauss(9)
    azimuth = np.arange(18) * 2 * np.pi / 18
    radius = np.sqrt(1 - z**2)[:, None]
    x, y = radius * np.cos(azimuth), radius * np.sin(azimuth)
    directions = np.stack([x, y, np.broadcast_to(z[:, None], x.shape)], axis=-1)
    values = spherical_harmonics(torch.from_numpy(directions)).flatten(0, 1).numpy()
    weights = np.repeat(weights, 18) * 2 * np.pi / 18
    np.testing.assert_allclose((values.T * weights) @ values, np.eye(81), atol=1e-12)


def test_spherical_harmonics_are_finite_on_the_axis():
    axis = torch.tensor([[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]])
    assert spherical_harmonics(axis).isfinite().all()


def test_rays_go_through_pixel_centers(ops, relative_error):
    rays = unit_rays(CAMERA, "cpu").flatten(2).transpose(1, 2)
    assert relative_error(rays, ops["rays/out"]) <= 1e-6


def test_depth_meets_the_rays(ops, relative_error):
    points = unproject(ops["z2e/z"].movedim(-1, 1), CAMERA).movedim(1, -1)
    assert relative_error(points, ops["z2e/out"]) <= 1e-6


def test_rays_of_another_size_still_have_length_one():
    rays = resize_rays(unit_rays(CAMERA, "cpu"), 5, 8)
    assert rays.shape == (1, 3, 5, 8)
    torch.testing.assert_close(rays.norm(dim=1), torch.ones(1, 5, 8))


def test_sines_of_places_equal_the_golden_ones(ops, relative_error):
    ours = position_sines(9, 12, 64, "cpu").transpose(1, 2).reshape(1, 64, 9, 12)
    assert relative_error(ours, ops["sine/out_c64_9x12"]) <= 1e-5


def test_sines_of_values_equal_the_golden_ones(ops, relative_error):
    assert relative_error(sines(ops["fourier/x"], 64, 8), ops["fourier/out"]) <= 1e-4


def test_sines_of_a_ray_on_the_axis_are_numbers():
    # Rounding may leave a ray a little longer than 1, and an arc cosine of that is none.
    rays = torch.tensor([0.0, 0.0, 1.0000001])[None, :, None, None].expand(1, 3, 4, 4)
    assert ray_sines(rays, 16).isfinite().all()
