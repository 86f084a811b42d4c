"""Planes stay planes: a plain box room, and a ground to the horizon, drawn ray by ray."""

import numpy as np
import pytest

from sharpdepth_blender.engine import SharpDepth

HEIGHT, WIDTH = 384, 512
FAR = 40.0  # meters, of the sky
FARTHEST = 30.0  # meters of ground that are looked at


@pytest.fixture(scope="module")
def engine():
    return SharpDepth.load("preview", device="cpu")


def turned(pitch, yaw):
    p, y = np.radians(pitch), np.radians(yaw)
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    return about_x @ about_y


def seen(planes):
    """Rays (H, W, 3), z-depth (inf where there is nothing), which plane, intrinsics."""
    focal = WIDTH / 2 / np.tan(np.radians(30))
    u, v = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    rays = np.stack([(u - WIDTH / 2) / focal, (v - HEIGHT / 2) / focal, np.ones_like(u)], -1)
    depth, face = np.full(u.shape, np.inf), np.full(u.shape, -1)
    for number, (normal, distance) in enumerate(planes):
        with np.errstate(divide="ignore"):
            hit = distance / (rays @ normal)
        nearer = (hit > 0) & (hit < depth)
        depth, face = np.where(nearer, hit, depth), np.where(nearer, number, face)
    return rays, depth, face, (focal, focal, WIDTH / 2, HEIGHT / 2)


def room():
    """(rgb, depth, face, intrinsics): three walls, floor and ceiling, lit by one lamp."""
    turn = turned(8, 12)
    sides = [(0, 1, 0), (0, -1, 0), (1, 0, 0), (-1, 0, 0), (0, 0, 1)]
    normals = [turn @ side for side in sides]
    rays, depth, face, camera = seen(list(zip(normals, (1.5, 1.2, 2.0, 1.8, 5.0), strict=True)))
    to_lamp = turn @ np.array([0.3, -0.8, 1.5]) - rays * depth[..., None]
    squared = np.square(to_lamp).sum(-1)
    cosine = np.abs((np.stack(normals)[face] * to_lamp).sum(-1)) / np.sqrt(squared)
    paint = np.array([(45, 38, 30), (90, 90, 88), (75, 72, 65), (70, 74, 78), (80, 78, 70)]) / 100
    return (
        shot(paint[face] * (0.35 + 1.6 * cosine / (1 + 0.35 * squared))[..., None]),
        depth,
        face,
        camera,
    )


def ground():
    """The same of a meadow under a sky."""
    turn = turned(-6, 0)
    rays, depth, face, camera = seen([(turn @ np.array([0.0, 1, 0]), 1.6)])
    sky = face < 0
    place = (rays * np.where(sky, 0, depth)[..., None]) @ turn
    waves = np.sin(3 * place[..., 0]) * np.sin(3 * place[..., 2]) / (1 + 0.1 * place[..., 2])
    meadow = (0.5 + 0.15 * waves)[..., None] * (0.8, 0.85, 0.6)
    air = (0.65, 0.77, 0.95)
    haze = np.exp(-np.where(sky, np.inf, depth) / 60)[..., None]
    face = np.where(depth < FARTHEST, face, -1)
    return shot(meadow * haze + air * (1 - haze)), np.minimum(depth, FAR), face, camera


def shot(linear):
    grain = np.random.default_rng(0).normal(0, 0.01, linear.shape)
    return (255 * np.clip(linear + grain, 0, 1) ** (1 / 1.3)).astype(np.uint8)


def deviations(depth, face):
    """Of each plane: the 99th percentile of how far depth lies from the best plane, as a share."""
    v, u = np.mgrid[: depth.shape[0], : depth.shape[1]] / depth.shape[1]
    found = []
    for number in range(face.max() + 1):
        here = face == number
        if np.count_nonzero(here) < 500:
            continue
        z, weight = depth[here], np.ones(np.count_nonzero(here))
        basis = np.stack([u[here], v[here], np.ones(len(z))], 1) * z[:, None]  # planar in 1/z
        for _ in range(10):
            plane = np.linalg.lstsq(basis * weight[:, None], weight, rcond=None)[0]
            off = np.abs(basis @ plane - 1)
            weight = 1 / (1 + np.square(off / 0.02))
        found.append(np.percentile(off, 99))
    return np.array(found)


# The ground rises towards the horizon, which the model takes for farther than it is.
@pytest.mark.parametrize(("draw", "bound"), [(room, 0.1), (ground, 0.9)])
def test_planes_of_an_estimate_hardly_bend(engine, draw, bound):
    rgb, _, face, camera = draw()
    result = engine.infer(rgb, camera)
    bent, before = (deviations(each, face) for each in (result.depth, result.metric_depth))
    assert bent.max() < bound
    assert bent.max() < before.max()


@pytest.mark.parametrize(("draw", "bound"), [(room, 0.04), (ground, 0.02)])
def test_planes_of_a_measured_map_stay_planes(engine, draw, bound):
    rgb, depth, face, camera = draw()
    noise = np.random.default_rng(1).normal(1, 0.01, depth.shape)
    given = (depth * noise).astype(np.float32)
    given[150:200, 200:260] = 0
    result = engine.infer(rgb, camera, metric_depth=given)
    assert deviations(result.depth, face).max() < bound
    assert deviations(given, face).max() > 0.02


@pytest.mark.parametrize("draw", [room, ground])
def test_the_rim_is_as_smooth_as_the_inside(engine, draw):
    """Without a border about the picture, its rim bends three to five times as much."""
    rgb, _, _, camera = draw()
    log = np.log(engine.infer(rgb, camera).depth)
    bend = np.abs(log[:-2, 1:-1] - 2 * log[1:-1, 1:-1] + log[2:, 1:-1])
    bend += np.abs(log[1:-1, :-2] - 2 * log[1:-1, 1:-1] + log[1:-1, 2:])
    inside = np.zeros(bend.shape, bool)
    inside[24:-24, 24:-24] = True
    assert np.mean(bend[~inside]) < 1.6 * np.mean(bend[inside])
