"""The bounds against cameras that really move."""

import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.layers.disocclusion import disocclusion, overscan

CAMERAS = [
    Intrinsics(300, 300, 160, 90, 320, 180),
    Intrinsics(150, 200, 40, 200, 90, 231),
    Intrinsics(900, 900, -20, 60, 101, 101),
]


def moves(length):
    directions = np.random.default_rng(0).normal(size=(400, 3))
    return length * directions / np.linalg.norm(directions, axis=1, keepdims=True)


def frame_points(camera, count=15):
    u = np.linspace(0, camera.width, count)
    v = np.linspace(0, camera.height, count)
    u, v = (each.ravel() for each in np.meshgrid(u, v))
    return u - camera.cx, v - camera.cy


def seen_from(camera, move, depth):
    """Where the first camera saw, at a depth, what the moved one has at each place."""
    x, y = frame_points(camera)
    dx, dy, dz = move
    return x + (camera.fx * dx - x * dz) / depth, y + (camera.fy * dy - y * dz) / depth


@pytest.mark.parametrize("camera", CAMERAS)
def test_overscan_holds_all_that_a_moved_camera_sees(camera):
    depth, length = 2.0, 0.4
    left, right, top, bottom = overscan(camera, length, depth)
    seen = np.array([seen_from(camera, move, depth) for move in moves(length)])
    x, y = seen[:, 0] + camera.cx, seen[:, 1] + camera.cy
    most = np.array([-x.min(), x.max() - camera.width, -y.min(), y.max() - camera.height])
    allowed = np.array([left, right, top, bottom])
    assert (most <= allowed + 1e-6).all()
    assert (most > 0.8 * allowed).all()  # and not much more


@pytest.mark.parametrize("camera", CAMERAS)
def test_nothing_more_is_uncovered(camera):
    near, far, length = 2.0, 9.0, 0.4
    most = max(
        np.hypot(*(a - b for a, b in zip(*(seen_from(camera, move, z) for z in (near, far)),
                                         strict=True))).max()
        for move in moves(length)
    )  # fmt: skip
    bound = np.hypot(camera.width, camera.height)
    assert most <= disocclusion(camera, length, near, far) + 1e-6 or bound <= most
    assert disocclusion(camera, length, near, far) <= min(bound, 1.4 * most)


def test_what_the_camera_passes_hides_nothing():
    camera = CAMERAS[0]
    assert disocclusion(camera, 2.0, 1.5, 8.0) == pytest.approx(np.hypot(320, 180))
    assert disocclusion(camera, 0.0, 1.5, np.inf) == 0
