"""A street split into layers, which are looked at as arrays."""

import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.layers import SKY, Cut, KeptLayer, split_layers
from sharpdepth_blender.geometry.planes import FlatDepth, Plane
from sharpdepth_blender.geometry.planes.plane import rays_of
from sharpdepth_blender.geometry.srgb import to_linear
from tests.geometry.layers.street import inside, laid_over, street
from tests.geometry.planes.room import PLANES, room, waves

CUT = Cut.at((3.6, 10.5), edge=3, move=0.3)


def check_whole(picture, layers, camera, most=4):
    """The layers make the picture again."""
    again, clear = laid_over(layers, camera)
    error = 255 * np.abs(again - picture)
    assert clear.max() == 0
    assert error.mean() < 0.1 and np.quantile(error, 0.999) < most, (error.mean(), error.max())


@pytest.mark.parametrize("size", [(160, 90), (91, 160), (67, 51)])
@pytest.mark.parametrize("kind", ["RELIEF", "CARD"])
@pytest.mark.parametrize("edge", [0, 1, 3, 8])
def test_layers_make_the_picture_again(size, kind, edge):
    picture, depth, camera = street(*size)
    cut = Cut.at(CUT.thresholds, edge=edge, move=0.3, kind=kind)
    layers = split_layers(picture, depth, camera, cut)
    assert [layer.id for layer in layers] == [0, 1, 2, SKY]
    check_whole(picture, layers, camera, 4 if edge < 8 else 12)  # of 51 pixels, 8 are many


@pytest.mark.parametrize("edges", [(0, 8, 3), (8, 0, 1), (3, 3, 12)])
@pytest.mark.parametrize("kinds", [("CARD", "RELIEF", "CARD"), ("RELIEF", "CARD", "RELIEF")])
def test_layers_of_different_kinds_and_edges_make_the_picture_again(edges, kinds):
    picture, depth, camera = street(320, 180)
    cut = CUT
    for number, (edge, kind) in enumerate(zip(edges, kinds, strict=True)):
        cut = cut.with_layer(number, edge=edge, kind=kind)
    layers = split_layers(picture, depth, camera, cut)
    assert [layer.depth is None for layer in layers] == [kind == "CARD" for kind in kinds] + [True]
    assert [layer.id for layer in layers] == [0, 1, 2, SKY]
    check_whole(picture, layers, camera)
    row = inside(layers[0], camera)[90, : camera.width // 2, 3]  # across the ball
    assert ((row > 0) & (row < 1)).any() == (edges[0] > 0)
    assert row[112 + 36 + edges[0] + 1] == 0


@pytest.mark.parametrize("count", [2, 5, 8])
def test_any_number_of_layers(count):
    picture, depth, camera = street(160, 90)
    layers = split_layers(picture, depth, camera, Cut.at(tuple(np.geomspace(2.5, 50, count - 1))))
    assert len(layers) == count + 1
    assert sum(layer.share for layer in layers) == pytest.approx(1)
    check_whole(picture, layers, camera)


def test_nearer_layers_are_before_farther_ones():
    """Everywhere, continued or not, so that none shows through another."""
    picture, depth, camera = street(160, 90)
    layers = split_layers(picture, depth, camera, CUT)
    ends = (0, *CUT.thresholds, np.inf)
    for layer, near, far in zip(layers[:3], ends[:-1], ends[1:], strict=True):
        z = layer.depth[layer.depth > 0]
        assert near <= z.min() <= z.max() <= far
    assert layers[3].distance > 5 * depth.max() and layers[3].depth is None


def test_no_layer_keeps_what_is_before_it():
    """Behind the red ball nothing is red, and in front of it nothing has the wall's color."""
    picture, depth, camera = street(320, 180)
    layers = [inside(layer, camera) for layer in split_layers(picture, depth, camera, CUT)]
    for rgba in layers[1:]:
        red = rgba[..., 0] - rgba[..., 1]
        red = red[rgba[..., 3] > 0]  # of the wall 0.2, of the ball 0.7
        assert red.max() < 0.45 and (red > 0.3).sum() < 30  # where three layers meet
    rgba = layers[0]
    ball = (rgba[..., 3] > 0.5) & (np.indices(depth.shape)[1] < 0.6 * camera.width)
    red = (rgba[..., 0] - rgba[..., 1])[ball]
    assert red.min() > 0.3 and (red < 0.55).sum() < 30


def test_edge_is_a_few_pixels_wide_and_no_more():
    picture, depth, camera = street(320, 180)
    for edge in (1, 3, 6):
        layer = split_layers(picture, depth, camera, Cut.at(CUT.thresholds, edge=edge))[0]
        alpha = inside(layer, camera)[..., 3]
        row = alpha[90, : camera.width // 2]  # across the ball
        soft = np.flatnonzero((row > 0) & (row < 1))
        assert len(soft) <= 2 * (edge + (edge + 1) // 2)
        assert alpha[90, 112] == 1 and alpha[90, 112 + 36 + edge + 1] == 0


def test_what_differs_little_in_color_fades():
    picture, depth, camera = street(320, 180)
    layer = split_layers(np.full_like(picture, 0.5), depth, camera, CUT)[0]
    row = inside(layer, camera)[90, 148:156, 3]
    steps = row[(row > 0) & (row < 1)]
    assert len(steps) == 3 and (np.diff(steps) < 0).all()


def test_behind_an_edge_the_farther_layer_goes_on_as_far_as_is_uncovered():
    picture, depth, camera = street(320, 180)
    for move in (0.05, 0.2):
        cut = Cut.at(CUT.thresholds, move=move)
        wall = inside(split_layers(picture, depth, camera, cut)[2], camera)[..., 3]
        reach = move * camera.fx * (1 / 2 - 1 / 12)
        # From the ball's left edge into it, at the height of the wall.
        first = 112 - 36
        assert (wall[80, first : first + int(min(reach, 30))] == 1).all()
    assert wall[90, 112] == 1
    short = Cut.at(CUT.thresholds, move=0.05)
    assert inside(split_layers(picture, depth, camera, short)[2], camera)[90, 112, 3] == 0


def test_without_sky_the_farthest_layer_goes_on_everywhere():
    picture, depth, camera = street(160, 90)
    depth = np.where(depth == 0, np.float32(30), depth)
    layers = split_layers(picture, depth, camera, CUT)
    assert len(layers) == 3 and layers[-1].id != SKY
    assert (layers[-1].rgba[..., 3] == 1).all() and (layers[-1].depth > 0).all()
    check_whole(picture, layers, camera)


def test_sky_begins_where_it_is_said_to():
    picture, depth, camera = street(160, 90)
    layers = split_layers(picture, depth, camera, Cut.at((3.6, 10.5), sky=20.0))
    assert layers[-1].share == pytest.approx(((depth == 0) | (depth > 20)).mean(), abs=0.003)
    check_whole(picture, layers, camera)


def test_sky_is_within_sight_where_it_can_be():
    picture, depth, camera = street(160, 90)
    far = depth.max()
    assert split_layers(picture, depth, camera, CUT)[-1].distance == pytest.approx(10 * far)
    near = split_layers(picture, depth, camera, CUT, sight=3 * far)[-1]
    assert far < near.distance < 3 * far - CUT.move
    assert split_layers(picture, depth, camera, CUT, sight=far / 2)[-1].distance > far


@pytest.mark.parametrize("sky_kind", ["SKY", "DOME"])
@pytest.mark.parametrize("kind", ["RELIEF", "PLANE", "PLANES"])
@pytest.mark.parametrize("sight", [50.0, 200.0, np.inf])
def test_what_is_painted_over_the_sky_stands_before_it(sight, kind, sky_kind):
    """The ground, which goes on under paint, would run to the horizon and beyond."""
    picture, depth, camera = street(160, 90)
    cut = Cut.at((3.6,), move=0.3, kind=kind).with_layer(SKY, kind=sky_kind)
    everywhere = np.ones(depth.shape, bool), camera
    _, ground, sky = split_layers(
        picture, depth, camera, cut, painted={1: everywhere}, sight=sight,
        flat=FlatDepth.of(depth, camera, picture) if kind == "PLANES" else None,
    )  # fmt: skip
    assert sky.id == SKY
    stands = ground.depth
    if sky_kind == "DOME":  # whose distance is along the rays
        height, width = stands.shape
        rays = rays_of(
            ground.intrinsics.resized(width, height), np.arange(height), np.arange(width)
        )
        stands = stands * np.linalg.norm(rays, axis=-1)
    assert stands.max() < sky.distance


def test_a_layer_that_reaches_through_a_nearer_sky_is_made_again():
    picture, depth, camera = street(160, 90)
    cut, everywhere = Cut.at((3.6,), move=0.3), np.ones(depth.shape, bool)
    given = {"painted": {1: (everywhere, camera)}}
    near, ground, _ = split_layers(picture, depth, camera, cut, **given)
    kept = {
        each.id: KeptLayer(each.rgba, each.intrinsics, each.distance, each.scale, each.depth)
        for each in (near, ground)
    }
    again = split_layers(picture, depth, camera, cut, kept=kept, **given)
    assert [each.id for each in again] == [SKY]
    again = split_layers(picture, depth, camera, cut, kept=kept, sight=100.0, **given)
    assert [each.id for each in again] == [1, SKY]
    assert again[0].depth.max() < again[1].distance < ground.depth.max()


def test_small_holes_are_no_sky():
    picture, depth, camera = street(160, 90)
    depth[depth == 0] = 30
    whole = split_layers(picture, depth, camera, CUT)
    depth[40:42, 50:53] = 0
    depth[70, 20] = np.nan
    layers = split_layers(picture, depth, camera, CUT)
    assert len(layers) == 3
    for layer, before in zip(layers, whole, strict=True):
        assert layer.share == pytest.approx(before.share, abs=1e-3)


def test_what_is_too_near_is_taken_away():
    picture, depth, camera = street(160, 90)
    layers = split_layers(picture, depth, camera, Cut.at((3.6, 10.5), near=2.5, move=0.1))
    again, clear = laid_over(layers, camera)
    post = np.abs(np.arange(160) + 0.5 - 112) < 4
    assert clear.max() == 0
    assert (again[:, post, 2] < 0.3).sum() > 0  # the wall and the ground, not the yellow post
    assert np.abs(again[20, post] - picture[20, 100]).max() < 0.05  # and the sky


@pytest.mark.parametrize("depth", [np.full((20, 30), 5.0), np.zeros((20, 30))])
@pytest.mark.parametrize("kind", ["RELIEF", "CARD"])
def test_one_depth_alone_or_none_at_all(depth, kind):
    picture = np.random.default_rng(0).random((20, 30, 3), np.float32)
    camera = Intrinsics(30, 30, 15, 10, 30, 20)
    layers = split_layers(picture, depth, camera, Cut.at((4, 6, 8), move=0.1, kind=kind))
    empty = [layer for layer in layers if layer.share == 0]
    assert len(empty) == 3 if depth.any() else 4
    for layer in empty:
        assert not layer.rgba[..., 3].any() and (layer.depth is None or not layer.depth.any())
    check_whole(np.round(255 * picture) / 255, layers, camera)


def test_tiny_pictures():
    for shape in ((1, 1), (1, 5), (4, 1)):
        picture = np.full((*shape, 3), 0.4, np.float32)
        camera = Intrinsics(5, 5, shape[1] / 2, shape[0] / 2, shape[1], shape[0])
        layers = split_layers(picture, np.full(shape, 3.0), camera, Cut.at((2, 4), move=0.1))
        check_whole(picture, layers, camera)


def test_linear_pictures_keep_what_is_brighter_than_white():
    picture, depth, camera = street(160, 90)
    bright = to_linear(picture).astype(np.float32) * 40
    layers = split_layers(bright, depth, camera, CUT, is_linear=True)
    light = np.zeros_like(bright)
    for layer in reversed(layers):
        left, top = (
            round(a - b)
            for a, b in zip(
                (layer.intrinsics.cx, layer.intrinsics.cy), (camera.cx, camera.cy), strict=True
            )
        )
        rgba = layer.rgba[top : top + 90, left : left + 160]
        light = rgba[..., 3:] * rgba[..., :3] + (1 - rgba[..., 3:]) * light
    assert np.abs(light - bright).mean() < 0.02
    assert np.quantile(np.abs(light - bright), 0.999) < 0.5


def test_grid_of_a_relief_is_no_finer_than_asked():
    picture, depth, camera = street(320, 180)
    for grid in (50, 128, 1024):
        for layer in split_layers(picture, depth, camera, CUT, grid=grid)[:3]:
            assert max(layer.depth.shape) <= grid
            ratio = np.divide(layer.rgba.shape[:2], layer.depth.shape)
            assert ratio[0] == ratio[1] == int(ratio[0])


def test_a_move_beyond_reason_is_refused():
    picture, depth, camera = street(160, 90)
    depth[depth == 0] = 30
    with pytest.raises(ValueError, match="too long"):
        split_layers(picture, depth, camera, Cut.at((3.6, 10.5), move=50.0))


@pytest.mark.parametrize(
    "thresholds, more, words",
    [
        ((), {}, "2 to 8 layers"),
        (range(1, 9), {}, "2 to 8 layers"),
        ((3, 2), {}, "ascend"),
        ((0, 2), {}, "ascend"),
        ((2, np.nan), {}, "ascend"),
        ((2, 3), {"sky": 2.5}, "ascend"),
        ((2, 3), {"edge": 33}, "edge"),
        ((2, 3), {"move": -1}, "move"),
        ((2, 3), {"move": np.inf}, "move"),
    ],
)
def test_cuts_that_make_no_sense(thresholds, more, words):
    with pytest.raises(ValueError, match=words):
        Cut.at(tuple(thresholds), **more)


def test_planes_go_on_behind_nearer_things_and_beyond_the_picture():
    depth, k, labels = room(320, 240)
    picture = np.full((240, 320, 3), 0.5, np.float32)
    cut = Cut.at((2.6,), move=0.3).with_layer(1, kind="PLANES")
    layer = split_layers(picture, depth, k, cut)[1]
    z = layer.depth
    step = layer.rgba.shape[0] // z.shape[0]
    size = z.shape[1], z.shape[0]
    framed = layer.intrinsics.resized(*size)
    rays = rays_of(framed, np.arange(size[1]), np.arange(size[0]))
    true = 1 / (rays @ PLANES.T).max(-1)
    shown = (z > 0) & (true > 2.6 / 3)
    assert step == 1 and shown.mean() > 0.5
    assert (z[shown] / true[shown] - 1).max() < 1e-3
    np.testing.assert_allclose(np.median(np.abs(z[shown] / true[shown] - 1)), 0, atol=1e-5)
    assert (np.abs(z[shown] / true[shown] - 1) < 1e-3).mean() > 0.995


def test_a_plane_is_one_however_its_depth_ripples_and_ends_before_its_horizon():
    k = Intrinsics(300.0, 300.0, 160.0, 90.0, 320, 240)
    floor = Plane(0.02, 1 / 1.5, 0.01)
    disparity = floor.disparity(k, np.arange(240), np.arange(320))
    ground = disparity > 1 / 30
    depth = np.where(ground, 1 / np.where(ground, disparity, 1), 0) * waves((240, 320), 0.01, 40)
    picture = np.full((240, 320, 3), 0.5, np.float32)
    cut = Cut.at((0.8,), move=0.1).with_layer(1, kind="PLANE")
    layer = split_layers(picture, depth.astype(np.float32), k, cut)[1]
    size = layer.depth.shape[::-1]
    assert max(size) <= 96
    rays = rays_of(layer.intrinsics.resized(*size), np.arange(size[1]), np.arange(size[0]))
    there = (layer.depth > 0) & (layer.depth < 100) & (layer.depth > 0.7)
    points = rays[there] * layer.depth[there][:, None]
    fit = np.linalg.lstsq(points, np.ones(len(points)), rcond=None)[0]
    assert np.abs(points @ fit - 1).max() < 1e-4  # flat
    np.testing.assert_allclose(fit, floor.vector, atol=5e-3)
    assert np.isfinite(layer.depth).all() and layer.depth.max() < 150


def test_sky_as_a_kind_stands_far_off():
    picture, depth, k = street(160, 90)
    layers = split_layers(picture, depth, k, CUT.with_layer(2, kind="SKY"))
    assert layers[2].depth is None and layers[2].distance > 5 * depth.max()
