"""The focal length and the shift of point maps."""

import numpy as np
import pytest

from sharpdepth_blender.engine.moge.focal import find_shift
from sharpdepth_blender.engine.moge.stack import uv_plane
from tests.engine.named_weights import GOLDEN


@pytest.fixture(scope="module")
def scene():
    """Points, mask and uv of a golden case, and what the published solver says of them."""
    with np.load(GOLDEN / "moge2_solver.npz") as file:
        numbers = dict(file)

    def case(name):
        points = numbers[f"{name}/points"]
        height, width = points.shape[:2]
        mask = numbers.get(f"{name}/mask", np.ones((height, width), bool))
        uv = uv_plane(height, width, width / height)[0].permute(1, 2, 0).numpy()
        return (points, mask, uv), numbers[f"{name}/free"], numbers[f"{name}/known"]

    return case


@pytest.mark.parametrize("name", ["land_small", "port_big", "nomask_square", "noisy_wide"])
def test_both_are_found_as_published(scene, name):
    arrays, (focal, shift), _ = scene(name)
    found, moved = find_shift(*arrays)
    assert found[0] == found[1] == pytest.approx(focal, rel=2e-3)
    assert moved == pytest.approx(shift, abs=2e-3)


@pytest.mark.parametrize("name", ["land_small", "port_big", "nomask_square", "noisy_wide"])
def test_a_known_focal_length_leaves_the_shift(scene, name):
    arrays, _, (focal, shift) = scene(name)
    found, moved = find_shift(*arrays, np.array([focal, focal]))
    assert (found == focal).all()
    assert moved == pytest.approx(shift, abs=2e-3)


def test_fewer_than_two_points_tell_nothing(scene):
    arrays, (focal, shift), _ = scene("one_pixel")
    found, moved = find_shift(*arrays)
    assert (found == focal).all() and moved == shift == 0
    assert find_shift(*arrays, np.array([1.5, 1.4]))[0].tolist() == [1.5, 1.4]


def test_a_lens_off_its_middle_with_oblong_pixels_is_used_as_it_is():
    """A plane seen through such a lens, with its depth shifted, comes back."""
    height, width = 60, 90
    columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    fx, fy, cx, cy = 80.0, 100.0, 20.0, 40.0
    uv = np.stack([columns - cx, rows - cy], axis=-1)
    z = 1 / (0.3 + 0.002 * uv[..., 0] / fx - 0.1 * uv[..., 1] / fy)
    points = np.stack([uv[..., 0] / fx * z, uv[..., 1] / fy * z, z - 0.7], axis=-1)
    mask = np.ones((height, width), bool)
    assert find_shift(points, mask, uv, np.array([fx, fy]))[1] == pytest.approx(0.7, abs=1e-5)
