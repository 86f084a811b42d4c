"""Layers of every kind show the picture's own camera the picture, and none of what is behind."""

import numpy as np
import pytest

from sharpdepth_blender.geometry.layers import Cut, move_layer, split_layers
from sharpdepth_blender.geometry.planes import FlatDepth
from tests.geometry.layers.at_rest import seen_at_rest
from tests.geometry.planes.room import PLANES, room, waves

WIDTH, HEIGHT = 320, 240
KINDS = ("RELIEF", "PLANES", "PLANE", "CARD")
CUT, GRID = Cut.at((3.3, 6.0), move=0.4), 300


@pytest.fixture(scope="module")
def plate():
    """(picture, depth, intrinsics, flat): a room with a box and a door, estimated with cracks.

    Depth steps by 12 % and by 25 % across the floor, along lines that are no edges of anything.
    Outside of the door the floor goes on before a hedge, in a color that nothing in the room has.
    """
    depth, camera, labels = room(WIDTH, HEIGHT)
    rows, columns = np.indices(depth.shape)
    door = (np.abs(columns - 130) < 45) & (rows > 60) & (labels == 4)
    outside = door & ((columns - 85) % 30 > 3)  # with bars of the room's own
    down = (rows + 0.5 - camera.cy) / camera.fy
    depth[outside] = 1 / np.maximum(PLANES[0, 1] * down + PLANES[0, 2], 1 / 18)[outside]
    floor = labels == 0
    depth[floor & (columns > 210)] *= 1.25
    depth[floor & (np.abs(columns - 100 - (rows - 165) / 3) < 25)] /= 1.12
    depth *= waves(depth.shape, 0.004, 60).astype(np.float32)
    lit = 0.6 + 0.3 * np.sin(rows / 3) * np.cos(columns / 4)
    picture = lit[..., None] * np.array([1.0, 0.9, 0.8])
    picture[outside] *= [0.1, 0.6, 0.1]
    picture = (np.round(255 * picture) / 255).astype(np.float32)
    return picture, depth, camera, FlatDepth.of(depth, camera, picture)


@pytest.mark.parametrize("first", range(4))
@pytest.mark.parametrize("middle", range(4))
def test_they_are_the_picture(first, middle, plate):
    """Each pair of kinds that two of three layers can have, once."""
    cut = CUT
    for number, kind in enumerate((first, middle, (first + middle) % 4)):
        cut = cut.with_layer(number, kind=KINDS[kind])
    check_at_rest(plate, cut)


@pytest.mark.parametrize("kind", ["SKY", "DOME"])
def test_what_is_behind_a_sky_is_behind_it(kind, plate):
    check_at_rest(plate, CUT.with_layer(1, kind=kind).with_layer(2, kind="PLANES"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("number", "rows"), [(0, slice(80, 110)), (2, slice(200, 230))])
def test_a_mask_moves_pixels_to_another_depth(number, rows, kind, plate):
    """What is far to the nearest layer, and the floor to the farthest."""
    mask = np.full((HEIGHT, WIDTH), np.nan, np.float32)
    mask[rows, 60:120] = 1
    cut = CUT
    for each in range(3):
        cut = cut.with_layer(each, kind=kind)
    check_at_rest(plate, cut, {number: mask})


def test_in_another_order(plate):
    check_at_rest(plate, move_layer(CUT.with_layer(2, kind="PLANES"), 0, 1))


def check_at_rest(plate, cut, masks=None):
    picture, depth, camera, flat = plate
    layers = split_layers(picture, depth, camera, cut, masks=masks, grid=GRID, flat=flat)
    assert [layer.id for layer in layers] == [layer.id for layer in cut.layers]
    for diagonal in (0, 1):
        off = np.abs(seen_at_rest(layers, camera, diagonal) - picture)
        assert off.max() < 3 / 255
