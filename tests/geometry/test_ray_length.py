"""Ray length is told from z-depth by planes, and turned into it by the camera."""

import numpy as np
import pytest

from sharpdepth_blender.geometry import (
    Intrinsics,
    depth_of_ray,
    length_of_ray,
    measured_along,
    unproject,
)


def room(intrinsics, seed=0, noise=0.0):
    """(H, W) z-depth of a box of planes with boxes in it, by ray tracing."""
    rng = np.random.default_rng(seed)
    width, height = intrinsics.width, intrinsics.height
    x = (np.arange(width) + 0.5 - intrinsics.cx) / intrinsics.fx
    y = (np.arange(height) + 0.5 - intrinsics.cy) / intrinsics.fy
    rays = np.stack([*np.meshgrid(x, y), np.ones((height, width))], -1)
    walls = [
        ((0, 1, 0), 1.5), ((0, -1, 0), 1.2), ((1, 0, 0.2), 2.5), ((-1, 0, 0.1), 3.0),
        ((0, 0, 1), rng.uniform(4, 8)),
    ]  # fmt: skip
    with np.errstate(divide="ignore"):
        z = np.min([np.where(rays @ n > 0, d / (rays @ n), np.inf) for n, d in walls], axis=0)
    for _ in range(6):
        top, left = rng.integers(0, height - 8), rng.integers(0, width - 8)
        box = np.s_[top : top + height // 4, left : left + width // 5]
        z[box] = np.minimum(z[box], rng.uniform(1.5, 3.5))
    return (z * (1 + noise * rng.standard_normal(z.shape))).astype(np.float32)


def test_it_is_the_distance_of_the_point():
    intrinsics = Intrinsics(50, 40, 20, 31, 64, 48)
    depth = room(intrinsics)
    length = np.linalg.norm(unproject(depth, intrinsics), axis=-1)
    np.testing.assert_allclose(length_of_ray(depth, intrinsics), length, rtol=1e-6)
    length[3, 4] = 0
    found = depth_of_ray(length, intrinsics)
    assert found[3, 4] == 0 and found.dtype == np.float32
    np.testing.assert_allclose(found[5:], depth[5:], rtol=1e-6)


@pytest.mark.parametrize("noise", [0, 0.002])
@pytest.mark.parametrize("fov", [30, 60, 90])
@pytest.mark.parametrize("size", [(320, 240), (1000, 600)])
def test_rooms_are_told_apart(size, fov, noise):
    intrinsics = Intrinsics.from_fov(fov, *size)
    right = wrong = 0
    for seed in range(6):
        depth = room(intrinsics, seed, noise)
        for meaning, values in (("axis", depth), ("ray", length_of_ray(depth, intrinsics))):
            found = measured_along(values, intrinsics)
            right += found == meaning
            wrong += found not in (meaning, None)
    assert right >= 6 and wrong == 0, (right, wrong)


def test_what_has_no_planes_is_not_said_to_be_either():
    intrinsics = Intrinsics.from_fov(60, 320, 240)
    v, u = np.mgrid[:240, :320]
    for seed in range(20):
        rng = np.random.default_rng(seed)
        depth = np.full((240, 320), 5.0)
        for _ in range(12):
            away = (u - rng.uniform(0, 320)) ** 2 + (v - rng.uniform(0, 240)) ** 2
            depth += rng.uniform(-1, 1) * np.exp(-away / rng.uniform(20, 120) ** 2)
        assert measured_along(depth.astype(np.float32), intrinsics) != "ray"


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (7, 300), (300, 9)])
def test_small_and_empty_maps_say_nothing(size):
    intrinsics = Intrinsics.from_fov(60, *size)
    assert measured_along(np.zeros(size[::-1], np.float32), intrinsics) is None
    assert measured_along(np.ones(size[::-1], np.float32), intrinsics) in (None, "axis")


def test_holes_are_no_planes():
    intrinsics = Intrinsics.from_fov(60, 320, 240)
    depth = length_of_ray(room(intrinsics), intrinsics)
    depth[np.random.default_rng(0).random(depth.shape) < 0.1] = 0
    assert measured_along(depth, intrinsics) == "ray"
