"""One plane of a part of a picture, whatever else is in it."""

import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.planes import Plane, fit_plane

K = Intrinsics(300.0, 310.0, 155.0, 118.0, 321, 241)
TILTED = Plane(0.1, 0.25, 0.3)


def depth_of(plane):
    return 1 / plane.disparity(K, np.arange(K.height), np.arange(K.width))


def test_an_exact_plane_is_found_exactly():
    fit = fit_plane(depth_of(TILTED), np.ones((241, 321), bool), K)
    np.testing.assert_allclose(fit.plane.vector, TILTED.vector, atol=1e-6)
    assert fit.share == 1 and fit.error < 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_two_fifths_of_outliers_do_not_move_it(seed):
    rng = np.random.default_rng(seed)
    depth = depth_of(TILTED)
    depth *= 1 + 0.003 * rng.normal(size=depth.shape)
    away = rng.random(depth.shape) < 0.4
    depth[away] *= rng.uniform(0.4, 3, away.sum())
    fit = fit_plane(depth.astype(np.float32), np.ones(depth.shape, bool), K)
    turn = np.degrees(np.arccos(min(1, fit.plane.normal @ TILTED.normal)))
    assert turn < 0.15
    assert fit.plane.distance == pytest.approx(TILTED.distance, rel=1e-3)
    assert 0.55 < fit.share < 0.66


def test_one_sided_outliers_as_of_furniture_do_not_move_it():
    depth = depth_of(TILTED)
    depth[:, :120] *= 0.85
    fit = fit_plane(depth, np.ones(depth.shape, bool), K)
    np.testing.assert_allclose(fit.plane.vector, TILTED.vector, atol=1e-6)


def test_only_the_mask_counts():
    mask = np.zeros((241, 321), bool)
    mask[20:90, 200:300] = True
    depth = np.where(mask, depth_of(TILTED), np.float32(2))
    np.testing.assert_allclose(fit_plane(depth, mask, K).plane.vector, TILTED.vector, atol=1e-5)


def test_too_little_is_no_plane():
    mask = np.zeros((241, 321), bool)
    mask[100, 10:300] = True  # a line
    assert fit_plane(depth_of(TILTED), mask & False, K) is None
    assert fit_plane(depth_of(TILTED), mask, K) is None
    assert fit_plane(np.zeros((241, 321), np.float32), ~mask, K) is None
