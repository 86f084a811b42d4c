"""A railing before a wall, after the camera has gone aside: bars and wall, and nothing between."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.srgb import from_linear, to_linear
from sharpdepth_blender.scene import add_depth_result, frame_scene
from sharpdepth_blender.scene.layers import split_result

WIDTH, HEIGHT, FOCAL, FINE = 192, 96, 170.0, 4
BARS, WALL = 2.0, 6.0  # meters
BAR = np.array([0.95, 0.1, 0.1])
MOVE = 0.12


def railing(right=0.0):
    """By rays: (picture, depth) of bars of two pixels, sixteen apart, and a rail of three."""
    v, u = (np.indices((HEIGHT * FINE, WIDTH * FINE)) + 0.5) / FINE
    at = u + FOCAL * right / BARS
    bar = (np.abs((at - 7) % 16 - 8) < 1) & (v > 24) | (np.abs(v - 24) < 1.5)
    wall = u + FOCAL * right / WALL
    color = np.stack(
        [0.25 + 0.1 * np.sin(wall / 9), 0.5 + 0.002 * v, 0.55 + 0.05 * np.cos(v / 7)], -1
    )
    color = np.where(bar[..., None], BAR, color)
    blocks = to_linear(color).reshape(HEIGHT, FINE, WIDTH, FINE, 3).mean((1, 3))
    depth = np.where(bar, BARS, WALL)[FINE // 2 :: FINE, FINE // 2 :: FINE]
    return from_linear(blocks), depth.astype(np.float32)


def softened(depth):
    """As of a network: disparity goes over from one to the other within three pixels."""
    disparity = np.pad(1 / depth, 1, mode="edge")
    mean = np.mean(
        [disparity[y : y + HEIGHT, x : x + WIDTH] for y in range(3) for x in range(3)], 0
    )
    return (1 / mean).astype(np.float32)


def runs(mask):
    """How many there are in each row."""
    return mask[:, 0] + (mask[:, 1:] & ~mask[:, :-1]).sum(1)


def railing_result(scene, change):
    picture, depth = railing()
    camera = Intrinsics(FOCAL, FOCAL, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT)
    frame_scene(scene, camera)
    rgb, depth = np.round(255 * picture).astype(np.uint8), change(depth)
    result = add_depth_result(scene, rgb, depth, depth, camera, name="railing")
    bpy.context.view_layer.update()
    return result


def faults(seen, right):
    """What is wrong with a view from aside, between the rail and the floor."""
    here = slice(32, -8), slice(16, 176)
    truth = railing(right)[0][here]
    is_open = seen[..., 3].min() <= 0.999
    seen = seen[here]
    red, true_red = seen[..., 0] - seen[..., 1], truth[..., 0] - truth[..., 1]
    mixed = [((each > -0.1) & (each < 0.3)).mean() for each in (red, true_red)]
    found = {
        "open": is_open,
        "number of bars": not np.isin(runs(red > 0.2), (10, 11)).all(),
        "width of bars": (red > 0.2).mean() != pytest.approx((true_red > 0.2).mean(), rel=0.1),
        # Neither bar nor wall: a mixture, as at true edges.
        "shreds": mixed[0] >= 0.5 * mixed[1],
    }
    return {name for name, is_there in found.items() if is_there}


WAYS = {"sharp": lambda depth: depth, "softened": softened}


@pytest.mark.parametrize("way", WAYS)
def test_no_shreds_behind_bars(way, scene, look):
    """Each row between the rail and the floor crosses ten bars of two pixels, and else the wall."""
    split_result(scene, railing_result(scene, WAYS[way]), thresholds=(3.4,), move=MOVE)
    for right in (-MOVE, MOVE):
        assert not faults(look(right), right)


@pytest.mark.parametrize("way", WAYS)
def test_bars_of_one_surface_have_these_faults(way, scene, look):
    """So the test above can fail."""
    railing_result(scene, WAYS[way])
    for right in (-MOVE, MOVE):
        assert faults(look(right), right) >= {"open", "width of bars", "shreds"}
