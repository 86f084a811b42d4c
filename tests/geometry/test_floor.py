"""The floor of rooms whose camera is known, and of what has none."""

import math

import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics, find_floor

WIDTH, HEIGHT = 240, 160
CAMERA = Intrinsics(200, 200, 118, 83, WIDTH, HEIGHT)


def turned(pitch, roll):
    """Rotation from a level camera's space to one that looks up by pitch, then is rolled."""
    p, r = math.radians(pitch), math.radians(roll)
    up = np.array([[1, 0, 0], [0, math.cos(p), math.sin(p)], [0, -math.sin(p), math.cos(p)]])
    about = np.array([[math.cos(r), math.sin(r), 0], [-math.sin(r), math.cos(r), 0], [0, 0, 1]])
    return about @ up


def cast(planes, pitch=0.0, roll=0.0, camera=CAMERA):
    """Z-depth of planes n . X = d in a level camera's space, (n, d), seen by a turned one."""
    v, u = np.mgrid[: camera.height, : camera.width] + 0.5
    rays = np.stack([(u - camera.cx) / camera.fx, (v - camera.cy) / camera.fy, np.ones_like(u)], -1)
    level = rays @ turned(pitch, roll)  # each ray in the level camera's space
    depth = np.full(u.shape, np.inf)
    for normal, distance in planes:
        with np.errstate(divide="ignore"):
            z = distance / (level @ np.array(normal, float))
        depth = np.where((z > 0) & (z < depth), z, depth)
    return np.where(np.isfinite(depth), depth, 0).astype(np.float32)


def room(height=1.6, pitch=0.0, roll=0.0):
    floor, back, left, right, ceiling = (
        ((0, 1, 0), height), ((0, 0, 1), 6), ((-1, 0, 0), 2), ((1, 0, 0), 2.5), ((0, -1, 0), 1.2),
    )  # fmt: skip
    return cast([floor, back, left, right, ceiling], pitch, roll)


@pytest.mark.parametrize("pitch", [-40, -20, -12])
@pytest.mark.parametrize("roll", [-12, 0, 5])
def test_a_room(pitch, roll):
    floor = find_floor(room(1.6, pitch, roll), CAMERA)
    assert floor.pitch == pytest.approx(pitch, abs=0.05)
    assert floor.roll == pytest.approx(roll, abs=0.05)
    assert floor.height == pytest.approx(1.6, rel=1e-3)
    up = turned(pitch, roll) @ (0, -1, 0)
    np.testing.assert_allclose(floor.up, up, atol=1e-3)


def test_ripples_and_furniture():
    rng = np.random.default_rng(3)
    depth = room(1.6, -20, 3)
    depth *= 1 + 0.01 * rng.standard_normal(depth.shape).astype(np.float32)
    depth[60:110, 40:90] *= 0.7  # stands on it
    depth[rng.random(depth.shape) < 0.2] = 0
    floor = find_floor(depth, CAMERA)
    assert floor.pitch == pytest.approx(-20, abs=0.5) and floor.roll == pytest.approx(3, abs=0.5)
    assert floor.height == pytest.approx(1.6, rel=0.02)


def table():
    """A table top in the middle of the picture, and the floor far below it at both sides."""
    top = cast([((0, 1, 0), 0.5), ((0, 0, 1), 6)], -25)
    ground = cast([((0, 1, 0), 1.3), ((0, 0, 1), 6)], -25)
    columns = np.arange(WIDTH)
    return np.where((columns > 60) & (columns < 180), top, ground)


def test_a_table_is_no_floor():
    floor = find_floor(table(), CAMERA)
    assert floor is None or floor.height == pytest.approx(1.3, rel=0.01)


@pytest.mark.parametrize(
    "depth",
    [
        np.full((HEIGHT, WIDTH), 3, np.float32),
        np.zeros((HEIGHT, WIDTH), np.float32),
        cast([((0, -1, 0), 1.2), ((0, 0, 1), 6)], 30),
        np.random.default_rng(0).uniform(1, 9, (HEIGHT, WIDTH)).astype(np.float32),
        cast([((0, 1, 1.5), 3.0)]),
        np.full((2, 2), 3, np.float32),
        np.full((HEIGHT, WIDTH), np.inf, np.float32),
    ],
    ids=["wall", "holes", "ceiling", "noise", "ramp", "tiny", "infinite"],
)
def test_what_is_no_floor(depth):
    height, width = depth.shape
    assert find_floor(depth, Intrinsics(200, 200, width / 2, height / 2, width, height)) is None
