import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.lens import Lens, distort, undistort, undistort_places

LENSES = [
    Lens("POLYNOMIAL", (0.1, -0.05, 0.02)),
    Lens("DIVISION", (-0.1, 0.02)),
    Lens("NUKE", (-0.1, 0.02)),
    Lens("BROWN", (0.1, -0.05, 0.02, 0.01), (0.01, -0.02)),
]


@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: lens.model)
def test_a_smooth_picture_is_seen_where_the_lens_shows_it(lens):
    height, width = 60, 81
    camera = Intrinsics(70, 60, 42, 28, width, height)
    v, u = np.mgrid[:height, :width] + 0.5
    rgb = np.stack([u * 3, v * 4, u + v], -1)
    straight = undistort(np.round(rgb).astype(np.uint8), lens, camera)
    x, y = distort(lens, (u - 42) / 70, (28 - v) / 60, max(width / 70, height / 60) / 2)
    want = np.stack([(x * 70 + 42) * 3, (28 - y * 60) * 4], -1)
    inside = (slice(15, -15), slice(20, -20))
    assert np.abs(straight[inside][..., :2] - want[inside]).max() < 1.5


def test_nuke_divides_by_the_distorted_radius():
    lens = Lens("NUKE", (-0.1, 0.02))
    x, y = np.linspace(-0.5, 0.5, 9), np.linspace(-0.3, 0.4, 9)
    xd, yd = distort(lens, x, y)
    factor = 1 + lens.k[0] * (xd**2 + yd**2) + lens.k[1] * (xd**2 + yd**2) ** 2
    np.testing.assert_allclose((xd / factor, yd / factor), (x, y), atol=1e-12)


def test_a_plain_lens_changes_nothing():
    rgb = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    lens = Lens("POLYNOMIAL", (0.0, 0.0, 0.0))
    assert lens.is_plain
    np.testing.assert_array_equal(undistort(rgb, lens, Intrinsics(9, 9, 3, 4, 7, 9)), rgb)


@pytest.mark.parametrize("lens", [*LENSES, Lens("POLYNOMIAL", (0.0, 0.0, 0.0))])
def test_places_are_undistorted_to_where_they_come_from(lens):
    width, height = 81, 60
    camera = Intrinsics(70, 60, 42, 28, width, height)
    straight = np.random.default_rng(0).uniform((5, 5), (width - 5, height - 5), (200, 2))
    u, v = straight.T
    x, y = distort(lens, (u - 42) / 70, (28 - v) / 60, max(width / 70, height / 60) / 2)
    shown = np.stack([x * 70 + 42, 28 - y * 60], -1)
    np.testing.assert_allclose(undistort_places(shown, lens, camera), straight, atol=1e-6)


def test_a_place_that_no_ray_reaches_is_none():
    lens = Lens("POLYNOMIAL", (-0.5, 0.0, 0.0))  # which shows nothing beyond 0.54 focal lengths
    camera = Intrinsics(50, 50, 50, 50, 100, 100)
    places = undistort_places([(50, 50), (60, 50), (90, 50)], lens, camera)
    np.testing.assert_array_equal(np.isnan(places[:, 0]), [False, False, True])
    np.testing.assert_array_equal(places[0], [50, 50])
