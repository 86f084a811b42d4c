"""Panoramas: recognized, split into views and joined again around the camera."""

import numpy as np
import pytest

from sharpdepth_blender.geometry.panorama import directions_of, is_panorama, panorama_surface
from sharpdepth_blender.geometry.panorama_views import join_views, panorama_views, view_picture

WIDTH, HEIGHT = 256, 128


def box_length(directions):
    """Length to the walls of a room of 6 x 3 x 8 meters, in which the camera is off the middle."""
    with np.errstate(divide="ignore"):
        far = [
            np.where(directions[..., axis] > 0, high, low) / directions[..., axis]
            for axis, (low, high) in enumerate([(-2, 4), (-1.2, 1.8), (-5, 3)])
        ]
    return np.minimum.reduce(far).astype(np.float32)


def colored(directions):
    """A picture that says where it looks."""
    return np.round((directions * 0.5 + 0.5) * 255).astype(np.uint8)


def test_a_view_shows_what_lies_in_its_direction():
    rgb = colored(directions_of(WIDTH, HEIGHT))
    for view in panorama_views(WIDTH):
        shown = view_picture(rgb, view)
        side = view.intrinsics.width
        assert shown.shape == (side, side, 3)
        middle = shown[side // 2, side // 2].astype(int)
        forwards = view.turn @ (0, 0, -1)
        assert np.abs(middle - (forwards * 0.5 + 0.5) * 255).max() < 4
        right = shown[side // 2, -1].astype(int)
        angle = np.radians(55)
        wanted = view.turn @ (np.sin(angle), 0, -np.cos(angle))
        assert np.abs(right - (wanted * 0.5 + 0.5) * 255).max() < 4


def depths_of(views):
    found = []
    for view in views:
        k = view.intrinsics
        x = (np.arange(k.width) + 0.5 - k.cx) / k.fx
        x, y = np.meshgrid(x, -x)
        z = -np.ones_like(x)
        found.append(box_length(np.stack([x, y, z], -1) @ view.turn.T))  # for z is 1
    return found


def test_exact_views_join_to_the_exact_sphere():
    views = panorama_views(WIDTH)
    joined = join_views(views, depths_of(views), WIDTH, HEIGHT)
    truth = box_length(directions_of(WIDTH, HEIGHT))
    assert joined.shape == truth.shape and joined.dtype == np.float32
    assert np.abs(joined / truth - 1).mean() < 0.003  # of the creases between walls


@pytest.mark.parametrize("count", [1, 2, 5])
def test_some_of_the_views_join_to_a_part_of_it(count):
    views = panorama_views(WIDTH)
    joined = join_views(views[:count], depths_of(views)[:count], WIDTH, HEIGHT)
    truth = box_length(directions_of(WIDTH, HEIGHT))
    looked = np.isfinite(joined)
    assert np.abs(joined / truth - 1)[looked].mean() < 0.003
    middle = looked[HEIGHT // 2]
    assert middle.mean() == pytest.approx((110 + min(90 * (count - 1), 250)) / 360, abs=0.01)
    assert middle[WIDTH // 2] and looked[0].all() == (count == 5)


@pytest.mark.parametrize("seed", [0, 1])
def test_views_of_other_scales_that_bend_are_brought_to_agree(seed):
    """Scales off by a fifth and slopes of a tenth: what is left is a part of it."""
    rng = np.random.default_rng(seed)
    views = panorama_views(WIDTH)
    scales = np.exp(rng.uniform(-0.2, 0.2, len(views)))
    scales /= np.exp(np.log(scales).mean())
    bent = []
    for depth, scale in zip(depths_of(views), scales, strict=True):
        slope = np.linspace(-0.05, 0.05, len(depth)) * rng.choice([-1, 1])
        bent.append(depth * np.float32(scale) * np.exp(slope[:, None]).astype(np.float32))
    truth = box_length(directions_of(WIDTH, HEIGHT))
    joined = join_views(views, bent, WIDTH, HEIGHT)
    assert np.abs(joined / truth - 1).mean() < 0.04
    before = np.mean([np.abs(scale - 1) for scale in scales])
    assert np.abs(joined / truth - 1).mean() < 0.5 * before
    edge = np.abs(np.log(joined[:, 0] / joined[:, -1]))
    inner = np.abs(np.log(joined[:, 1:] / joined[:, :-1]))
    assert np.percentile(edge, 90) < 2 * np.percentile(inner, 90)  # no step at the seam


def test_the_surface_is_closed_around_the_camera():
    truth = box_length(directions_of(WIDTH, HEIGHT))
    surface = panorama_surface(truth, np.inf)
    assert surface.whole.shape == (HEIGHT + 1, WIDTH + 1) and surface.whole.all()
    grid = surface.vertices.reshape(HEIGHT + 2, WIDTH + 2, 3)
    np.testing.assert_allclose(
        grid[1:-1, 1:-1], directions_of(WIDTH, HEIGHT) * truth[..., None], rtol=1e-5, atol=1e-5
    )
    np.testing.assert_allclose(grid[:, 0], grid[:, -1], atol=1e-5)
    for row, up in ((0, 1), (-1, -1)):
        poles = grid[row] / np.linalg.norm(grid[row], axis=-1, keepdims=True)
        np.testing.assert_allclose(poles, np.tile((0, up, 0), (WIDTH + 2, 1)), atol=1e-6)
    uvs = surface.uvs.reshape(HEIGHT + 2, WIDTH + 2, 2)
    assert (uvs[:, 0, 0] == 0).all() and (uvs[:, -1, 0] == 1).all()
    assert (uvs[0, :, 1] == 1).all() and (uvs[-1, :, 1] == 0).all()
    assert uvs[1, 1, 0] == pytest.approx(0.5 / WIDTH)
    corners = surface.vertices[surface.quads].astype(float)
    normals = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    assert ((normals * corners.mean(1)).sum(1) < 0).all()  # it faces the camera


def test_walls_and_floors_are_whole_and_steps_are_torn():
    """As with plates: what a plane explains is not torn, however steep it is."""
    floor = directions_of(WIDTH, HEIGHT)[..., 1]
    ground = np.where(floor < -0.005, -1.6 / np.minimum(floor, -0.005), 320).astype(np.float32)
    steep = ground[1:] / ground[:-1]
    assert (steep < 1 / 1.5).any()  # a ratio alone would tear it
    assert panorama_surface(ground, 1.1).whole[HEIGHT * 5 // 8 :].all()
    room = box_length(directions_of(WIDTH, HEIGHT))
    assert panorama_surface(room, 1.1).whole.mean() > 0.999
    room[40:60, 50:80] *= 0.5
    room[60:80, :20] *= 0.6  # an edge at the seam itself
    room[10:12, 0] = 0
    whole = panorama_surface(room, 1.1).whole
    assert not whole[50, 50] and whole[50, 60] and whole[50, 40]
    assert not whole[65:75, -1].any() and not whole[65:75, 20].any() and whole[65:75, 5].all()
    assert not whole[10, 0] and not whole[10, 1] and not whole[10, -1]


def test_fewer_samples_and_points():
    truth = box_length(directions_of(WIDTH, HEIGHT))
    small = panorama_surface(truth, 2.0, resolution=64)
    assert small.whole.shape == (33, 65)
    alone = panorama_surface(truth, resolution=64, is_closed=False)
    assert len(alone.vertices) == 64 * 32
    radius = np.linalg.norm(alone.vertices, axis=1)
    assert np.isin(radius.round(3), truth.round(3)).all()


def scene():
    directions = directions_of(WIDTH, HEIGHT)
    return colored(directions * (1 + 0.2 * np.sin(9 * directions))[..., ::-1])


def test_a_panorama_is_known_by_its_shape_its_seam_and_its_poles():
    rgb = scene()
    assert is_panorama(rgb)
    assert is_panorama(np.roll(rgb, 77, 1))
    assert not is_panorama(rgb[:, :-8])
    plate = np.random.default_rng(0).integers(0, 256, (64, 128, 3), dtype=np.uint8)
    assert not is_panorama(np.kron(plate, np.ones((2, 2, 1), np.uint8)))  # no poles
    ramp = np.broadcast_to(np.linspace(0, 255, WIDTH)[None, :, None], (HEIGHT, WIDTH, 3))
    assert not is_panorama(ramp.astype(np.uint8))  # no seam
