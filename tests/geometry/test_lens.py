import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.lens import Distortion, Lens, distort, undistort, undistort_places

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


FISHEYES = [
    Lens("POLYNOMIAL", (-0.24, 0.04, -0.003)),
    Lens("DIVISION", (0.28, 0.01)),
    Lens("NUKE", (-0.25, 0.02)),
    Lens("BROWN", (-0.24, 0.04, -0.003, 0.0), (0.004, -0.006)),
]


def grid(u, v, spacing=40.0):
    """Bright lines on a dark ground, across and along, at odd multiples of half the spacing."""
    off = [np.abs((each % spacing) - spacing / 2) for each in (u, v)]
    return np.exp(-((np.minimum(*off) / 3) ** 2))


@pytest.mark.parametrize("lens", FISHEYES, ids=lambda lens: lens.model)
def test_lines_of_a_grid_that_a_fisheye_bent_are_straight_again(lens):
    width, height, spacing = 480, 320, 40.0
    camera = Intrinsics(190, 190, 243, 156, width, height)
    v, u = np.mgrid[:height, :width] + 0.5
    places = undistort_places(np.stack([u, v], -1).reshape(-1, 2), lens, camera)
    bent = np.nan_to_num(grid(*places.T, spacing)).reshape(height, width)
    distortion = Distortion(lens, camera)
    shown = np.round(255 * np.repeat(bent[..., None], 3, 2)).astype(np.uint8)
    seen = ~distortion.unseen(width, height)
    for picture, most in ((shown, None), (distortion.undistort(shown), 0.5)):
        lines = picture[..., 0].astype(float)
        off = []
        for line in np.arange(spacing / 2, width, spacing):
            window = np.abs(u[0] - line) < spacing / 3
            for row in np.flatnonzero(np.abs(v[:, 0] % spacing - spacing / 2) > 8):
                if 12 < line < width - 12 and seen[row][window].all():
                    weight = np.clip(lines[row, window] - 20, 0, None)
                    if weight.sum() > 300:
                        off.append((u[0, window] * weight).sum() / weight.sum() - line)
        worst = np.abs(off).max()
        assert len(off) > 500 and (worst < most if most else worst > 3)


@pytest.mark.parametrize("lens", FISHEYES, ids=lambda lens: lens.model)
def test_what_a_fisheye_sees_comes_back_to_its_place(lens):
    width, height = 480, 320
    camera = Intrinsics(190, 190, 243, 156, width, height)
    v, u = np.mgrid[:height:7, :width:7] + 0.5
    seen = ~Distortion(lens, camera).unseen(width, height)[::7, ::7]
    x, y = distort(lens, (u - 243) / 190, (156 - v) / 190, 240 / 190)
    shown = np.stack([x * 190 + 243, 156 - y * 190], -1)[seen]
    straight = np.stack([u, v], -1)[seen]
    assert seen.mean() > 0.8
    assert np.abs(undistort_places(shown, lens, camera) - straight).max() < 0.1


def test_beyond_the_fold_and_the_edge_nothing_is_seen():
    """A longer ray is shown nearer there, so that the picture would repeat itself."""
    width = height = 100
    camera = Intrinsics(50, 50, 50, 50, width, height)
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[45:55, 45:55] = 255
    folding = Distortion(Lens("POLYNOMIAL", (-0.6, 0.0, 0.0)), camera)  # at 0.745 focal lengths
    v, u = np.mgrid[:height, :width] + 0.5
    radius = np.hypot(u - 50, v - 50) / 50
    np.testing.assert_array_equal(folding.unseen(width, height), radius > 1 / np.sqrt(1.8))
    straight = folding.undistort(rgb)
    assert straight[50, 50, 0] == 255 and not straight[radius > 0.5].any()
    pincushion = Distortion(Lens("POLYNOMIAL", (0.3, 0.0, 0.0)), camera)
    unseen = pincushion.unseen(width, height)
    assert unseen[0, 0] and unseen[50, 0] and not unseen[50, 50] and not unseen[20:80, 20:80].any()
    half = pincushion.unseen(50, 50)
    assert abs(half.mean() - unseen.mean()) < 0.02
