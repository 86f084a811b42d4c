import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics, project
from sharpdepth_blender.geometry.uv_intrinsics import intrinsics_of_uvs

LENS = Intrinsics(30.5, 61, 17.3, 25.1, 41, 47)


def seen(seed=0, count=50):
    """Points before a camera, and their places in its picture."""
    rng = np.random.default_rng(seed)
    points = rng.uniform((-2, -2, -9), (2, 2, -1), (count, 3)).astype(np.float32)
    uvs = project(points, LENS) / (LENS.width, LENS.height) * (1, -1) + (0, 1)
    return points, uvs.astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
def test_the_lens_that_made_the_uvs(seed):
    points, uvs = seen(seed)
    found = intrinsics_of_uvs(points, uvs, 41, 47, 0.05)
    assert tuple(found) == pytest.approx(tuple(LENS), rel=1e-5)
    assert (found.width, found.height) == (41, 47)
    double = intrinsics_of_uvs(points, uvs, 82, 94, 0.05)
    assert tuple(double) == pytest.approx([2 * each for each in LENS], rel=1e-5)


@pytest.mark.parametrize("axis, side", [(0, 41), (1, 47)])
def test_one_place_that_is_off(axis, side):
    points, uvs = seen()
    slopes = points[:, axis] / points[:, 2]
    between = np.argsort(slopes)[25]  # neither end, by which the lens is found
    uvs[between, axis] += 0.2 / side
    assert intrinsics_of_uvs(points, uvs, 41, 47, 0.15) is None
    assert tuple(intrinsics_of_uvs(points, uvs, 41, 47, 0.25)) == pytest.approx(
        tuple(LENS), rel=1e-5
    )


def test_what_no_camera_sees():
    points, uvs = seen()
    assert intrinsics_of_uvs(points, uvs * (-1, 1), 41, 47, 1) is None  # mirrored
    assert intrinsics_of_uvs(points, uvs * (1, 0), 41, 47, 1) is None
    assert intrinsics_of_uvs(points, np.where(uvs > 0.5, uvs, np.nan), 41, 47, 1) is None
    assert intrinsics_of_uvs(points * (np.nan, 1, 1), uvs, 41, 47, 1) is None
    line = points * (1, 0, 1)
    assert intrinsics_of_uvs(line, uvs, 41, 47, 1) is None
