"""Seams of layers: rims that stay on their plane, and cuts through a surface that do not show."""

import itertools

import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.layers import Cut, split_layers
from sharpdepth_blender.geometry.layers.seams import Seams

LENS = Intrinsics(180, 180, 100.3, 74.2, 201, 150)
# Planes n . (x, y, 1) z = d, y downwards: a slanted card before a slanted wall.
CARD, WALL = (0.35, 0.1, 1, 2.0), (-0.3, 0.12, 1, 6.0)


def depth_of(plane, lens):
    x = (np.arange(lens.width) + 0.5 - lens.cx) / lens.fx
    y = ((np.arange(lens.height) + 0.5 - lens.cy) / lens.fy)[:, None]
    return plane[3] / (plane[0] * x + plane[1] * y + plane[2])


def blurred(mask, radius):
    """Mean over a square, as estimated depth passes from one thing to the next."""
    padded = np.pad(mask.astype(float), radius)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * radius + 1,) * 2)
    return windows.mean((2, 3))


@pytest.fixture(scope="module")
def inside():
    mask = np.zeros((150, 201), bool)
    mask[40:110, 60:130] = True
    return mask


@pytest.mark.parametrize("edge", [0, 3, 6])
@pytest.mark.parametrize("blur", [0, 2, 3, 8, 12])
def test_rims_do_not_curl(blur, edge, inside):
    """Wherever a layer shows, its relief is within 0.5 % of its plane, blurred as depth may be."""
    card, wall = depth_of(CARD, LENS), depth_of(WALL, LENS)
    depth = wall + blurred(inside, blur) * (card - wall)
    picture = np.where(inside[..., None], 0.3, 0.6).astype(np.float32) * np.ones(3, np.float32)
    cut = Cut.at((4.0,), edge=edge, move=0.3)
    layers = split_layers(picture, depth.astype(np.float32), LENS, cut)
    for layer, plane in zip(layers, (CARD, WALL), strict=True):
        rows, columns = layer.depth.shape
        true = depth_of(plane, layer.intrinsics.resized(columns, rows))
        alpha = layer.rgba[..., 3].reshape(rows, len(layer.rgba) // rows, columns, -1)
        shown = alpha.max((1, 3)) > 0
        assert (layer.depth[shown] > 0).all()
        np.testing.assert_allclose(layer.depth[shown], true[shown], rtol=0.005)


def test_a_cut_through_a_surface_never_shows():
    """Of a ground in two layers, each shows the picture wherever a single sample may meet it."""
    ground = depth_of((0.0, 0.6, 0.15, 1.0), LENS)
    lit = 0.2 + 0.6 * np.linspace(0, 1, 150)[:, None, None] ** 3  # ever brighter downwards
    picture = (lit * np.ones((1, 201, 3))).astype(np.float32)
    depth = np.where(ground > 0, ground, 0).astype(np.float32)
    depth[:60] = 0  # sky
    assert np.isfinite(depth).all() and (depth[60:] > 0).all()
    thresholds = (float(depth[110, 0]),)
    layers = split_layers(picture, depth, LENS, Cut.at(thresholds, sky=0.0, edge=4, move=0.2))
    clear = np.ones((150, 201), bool)
    for layer in layers:
        top, left = (round(a - b) for a, b in ((layer.intrinsics.cy, LENS.cy),
                                              (layer.intrinsics.cx, LENS.cx)))  # fmt: skip
        color = layer.rgba[top : top + 150, left : left + 201]
        here = clear & (color[..., 3] > 0)
        here[:75] = False  # beside the sky
        np.testing.assert_allclose(color[here][:, :3], picture[here], atol=1e-6)
        clear &= color[..., 3] < 1
    assert not clear[75:].any()


@pytest.mark.parametrize(("radius", "blur"), [(0, 1), (1, 5), (3, 5), (8, 10), (12, 14)])
def test_sharp_jumps_are_told_from_blurred_ones(radius, blur, inside):
    card, wall = depth_of(CARD, LENS), depth_of(WALL, LENS)
    depth = wall + blurred(inside, radius) * (card - wall)
    labels = (depth > 3.5).astype(np.int8)
    assert Seams.of(labels, depth.astype(np.float32), 3).blur == blur
    assert Seams.of(np.zeros_like(labels), depth.astype(np.float32), 3).blur == 5


def test_of_exact_depth_all_but_the_edge_is_as_it_was(inside):
    """A thing in folds, which a wider margin would lay flat beside its edge."""
    folds = 2.0 + 0.1 * np.sin(1.3 * np.arange(201))
    depth = np.where(inside, folds, 6.0).astype(np.float32)
    picture = np.full((150, 201, 3), 0.5, np.float32)
    near = split_layers(picture, depth, LENS, Cut.at((3.5,), move=0.1))[0]
    top, left = round(near.intrinsics.cy - LENS.cy), round(near.intrinsics.cx - LENS.cx)
    found = near.depth[top : top + 150, left : left + 201]
    core = slice(42, 108), slice(62, 128)
    np.testing.assert_allclose(found[core], depth[core], rtol=1e-5)


def test_seams_are_told_by_depth(inside):
    depth = np.where(inside, depth_of(CARD, LENS), depth_of(WALL, LENS)).astype(np.float32)
    labels = np.where(inside, 0, 1).astype(np.int8)
    labels[:, 160:] = 2  # a cut through the wall
    seams = Seams.of(labels, depth, 3)
    rims, contact = seams.rims, seams.contact
    rows, columns = np.nonzero(rims)
    assert columns.min() >= 60 - 6 and columns.max() < 130 + 6 and rims[75, 130] and rims[75, 129]
    np.testing.assert_array_equal(np.flatnonzero(contact[75]), np.arange(160 - 4, 160 + 4))
    assert not (rims & contact).any()


def test_the_sky_is_no_part_of_any_surface():
    depth = np.full((40, 60), 5.0, np.float32)
    depth[:20] = 0
    labels = np.where(depth > 0, 0, 1).astype(np.int8)
    seams = Seams.of(labels, depth, 4)
    assert seams.rims[20 - seams.blur : 20 + seams.blur].all() and not seams.contact.any()


@pytest.mark.parametrize("width", range(1, 14))
def test_beside_a_bar_nothing_is_a_cut_through_a_surface(width):
    """However thin it is, so that what lies on either side of it is one wall."""
    depth = np.full((30, 80), 12.0, np.float32)
    depth[:, 40 : 40 + width] = 2.0
    labels = np.where(depth > 10, 1, 0).astype(np.int8)
    padded = np.pad(1 / depth, ((0, 0), (2, 2)), mode="edge")
    blurred = 1 / np.mean([padded[:, by : by + 80] for by in range(5)], axis=0)
    for radius, (shown, blur) in itertools.product((1, 3, 7), ((depth, 1), (blurred, 5))):
        seams = Seams.of(labels, shown.astype(np.float32), radius)
        assert seams.blur == blur
        assert not seams.contact.any()
        assert seams.rims[:, 39].all() and seams.rims[:, 40 + width].all()
