"""Choke, grow and color extension, on a mixture of which both parts are known."""

import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.layers import Cut, split_layers
from sharpdepth_blender.geometry.srgb import from_linear, to_linear
from tests.geometry.layers.street import inside
from tests.geometry.layers.test_split import check_whole

SIZE, RADIUS, SOFT = 120, 34.0, 6.0
CAMERA = Intrinsics(100, 100, SIZE / 2, SIZE / 2, SIZE, SIZE)
V, U = np.indices((SIZE, SIZE)) + 0.5
FROM_EDGE = np.hypot(U - SIZE / 2, V - SIZE / 2) - RADIUS
# A disc out of focus, whose edge is twice as soft as layers expect: red over green, both shaded.
FRONT = np.stack([0.6 + 0.2 * U / SIZE, 0.1 + 0 * U, 0.1 + 0.05 * V / SIZE], -1)
BEHIND = np.stack([0.1 + 0 * U, 0.5 + 0.2 * V / SIZE, 0.2 + 0.1 * U / SIZE], -1)
ALPHA = np.clip(0.5 - FROM_EDGE / (2 * SOFT), 0, 1)[..., None]
PICTURE = from_linear(ALPHA * FRONT + (1 - ALPHA) * BEHIND)
PICTURE = (np.round(255 * PICTURE) / 255).astype(np.float32)
DEPTH = np.where(FROM_EDGE < 0, 2.0, 5.0).astype(np.float32)


def split(**settings):
    cut = Cut.at((3.0,), move=0.1).with_layer(0, **settings)
    return split_layers(PICTURE, DEPTH, CAMERA, cut)


def front_of(**settings):
    """(linear color, alpha) of the disc's layer inside the picture."""
    rgba = inside(split(**settings)[0], CAMERA)
    return to_linear(rgba[..., :3]), rgba[..., 3]


def fringe(**settings):
    """What shows of the background, over black, in linear light: (mean at the edge, most)."""
    color, alpha = front_of(**settings)
    green = np.maximum(alpha * (color[..., 1] - FRONT[..., 1]), 0)
    edge = np.abs(FROM_EDGE) < SOFT
    return green[edge].mean(), green.max()


def radius(alpha):
    """Of a disc with as much alpha."""
    return np.sqrt(alpha.sum() / np.pi)


def test_extended_colors_leave_no_fringe():
    mean, most = fringe()
    assert mean > 0.02 and most > 0.15  # so there is something to be seen
    clean_mean, clean_most = fringe(extension=8)
    assert clean_mean < 0.1 * mean and clean_most < 0.1 * most
    half, _ = fringe(extension=3)
    assert clean_mean < half < mean


def test_extension_leaves_the_inside_and_the_layer_behind_alone():
    before, after = split(), split(extension=8)
    deep = FROM_EDGE < -12
    assert np.array_equal(inside(after[0], CAMERA)[deep], inside(before[0], CAMERA)[deep])
    away = FROM_EDGE > SOFT + 4
    assert np.array_equal(inside(after[1], CAMERA)[away], inside(before[1], CAMERA)[away])


@pytest.mark.parametrize("choke", [-9, -4, -1, 1, 2, 5, 9])
@pytest.mark.parametrize("edge", [0, 3])
def test_an_edge_retreats_and_grows_by_pixels(choke, edge):
    _, before = front_of(edge=edge)
    _, alpha = front_of(edge=edge, choke=choke)
    # A square of pixels reaches farther along diagonals, up to the root of 2.
    moved = radius(before) - radius(alpha)
    slack = 1.0 if edge else 0.8
    assert min(choke, 1.42 * choke) - slack < moved < max(choke, 1.42 * choke) + slack
    if choke > 0:
        assert alpha[FROM_EDGE > edge + 1].max() == 0
        assert (alpha <= before + 0.5).all()
    else:
        assert (alpha[FROM_EDGE < choke - 1] == 1).all() and (
            alpha[FROM_EDGE < -choke - 1] > 0.4
        ).all()


@pytest.mark.parametrize("edge", [0, 3])
def test_a_grown_layer_still_makes_the_picture(edge):
    check_whole(PICTURE, split(edge=edge, choke=-5), CAMERA)


def test_what_a_choked_layer_leaves_is_the_one_behind_as_it_goes_on():
    """And never open, however far."""
    for choke in (4, 20):
        layers = split(choke=choke)
        behind = inside(layers[1], CAMERA)
        assert behind[..., 3].min() == 1
        ring = (FROM_EDGE < -1) & (FROM_EDGE > -choke)
        off = np.abs(to_linear(behind[..., :3]) - BEHIND).max(-1)[ring]
        assert np.median(off) < 0.06 and off.max() < 0.25, (np.median(off), off.max())


def test_a_layer_without_a_middle_is_extended_all_the_same():
    """A thread: there is nothing farther inside."""
    depth = np.where(np.abs(U - 60) < 1.5, np.float32(2), np.float32(5))
    cut = Cut.at((3.0,)).with_layer(0, extension=10)
    layer = split_layers(PICTURE, depth, CAMERA, cut)[0]
    assert np.isfinite(layer.rgba).all() and layer.share == pytest.approx(2 / SIZE)
    rgba = inside(layer, CAMERA)
    assert rgba[60, 60, 3] == 1 and np.abs(rgba[60, 60, :3] - PICTURE[60, 60]).max() < 0.02
