"""Depth maps of a known room, disturbed in known ways, are brought to agree."""

import math

import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.temporal import (
    Fit,
    View,
    blend,
    find_breaks,
    find_jumps,
    relate,
    reproject,
    solve_fits,
)

WIDTH, HEIGHT = 97, 64
CAMERA = Intrinsics(80, 84, 45, 33, WIDTH, HEIGHT)


def turned(angle, x, y, z):
    """World matrix of a camera that looks along -z, turned about y."""
    matrix = np.eye(4)
    matrix[0, 0] = matrix[2, 2] = math.cos(angle)
    matrix[0, 2], matrix[2, 0] = math.sin(angle), -math.sin(angle)
    matrix[:3, 3] = x, y, z
    return matrix


def room(matrix, camera=CAMERA, ball=None):
    """Exact z-depth of a ground, two slanted walls and a ball, as Look, and a pattern on them."""
    u, v = np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5
    ray = np.stack(np.broadcast_arrays(
        ((u - camera.cx) / camera.fx)[None], (-(v - camera.cy) / camera.fy)[:, None], -1.0
    ), -1)  # fmt: skip
    origin, ray = matrix[:3, 3], ray @ matrix[:3, :3].T
    hits = []
    walls = [((0, -1.2, 0), (0, 1, 0)), ((0, 0, -9), (0.3, 0, 1)), ((4, 0, 0), (-1, 0, 0.1))]
    for point, normal in walls:
        with np.errstate(divide="ignore"):
            hits.append((np.array(point) - origin) @ np.array(normal) / (ray @ np.array(normal)))
    center, radius = np.array(ball or (-0.8, -0.5, -4)), 0.7
    half, squared = ray @ (origin - center), (ray**2).sum(-1)
    root = half**2 - squared * (((origin - center) ** 2).sum() - radius**2)
    hits.append(np.where(root > 0, (-half - np.sqrt(np.maximum(root, 0))) / squared, np.inf))
    hits = np.where(np.array(hits) > 1e-6, np.array(hits), np.inf)
    depth = np.minimum(hits.min(0), 30)  # and a backdrop
    points = origin + depth[..., None] * ray
    pattern = 128 + 100 * np.sin(3 * points).prod(-1)
    return View(depth.astype(np.float32), camera, matrix), pattern.astype(np.uint8)


def walk(count):
    """A camera that walks and turns, a step a frame."""
    return [turned(0.01 * t, 0.05 * t, 0.01 * t, -0.08 * t) for t in range(count)]


def disturbed(look, scale, shift=0.0, noise=0.0, seed=0):
    factor = 1 + noise * np.random.default_rng(seed).standard_normal(look.depth.shape)
    return View(((scale * look.depth + shift) * factor).astype(np.float32), look.intrinsics,
                look.matrix)  # fmt: skip


def relations(looks, pictures):
    pairs = zip(looks, looks[1:], pictures, pictures[1:], strict=False)
    return [relate(a, b, (p, q)) for a, b, p, q in pairs]


@pytest.mark.parametrize(
    "camera",
    [CAMERA, Intrinsics(150, 150, 20, 70, 61, 111), Intrinsics(60, 90, 3, 40, 80, 41)],
    ids=["plain", "portrait, shifted", "oblong pixels"],
)
def test_a_moved_camera_sees_the_same_points(camera):
    one, _ = room(turned(0, 0, 0, 0), camera)
    other, _ = room(turned(0.12, 0.3, 0.1, -0.5), camera)
    there = reproject(one, other, [other.depth])
    off = np.abs(there.seen[0] / (one.depth * there.rate + there.offset) - 1)
    # But for what the ball hides from one of them, and the one pixel along edges.
    off = off[np.isfinite(off)]
    assert np.median(off) < 1e-5 and np.mean(off < 2e-3) > 0.85
    assert 0.4 * one.depth.size < off.size < one.depth.size


def test_another_lens_is_another_view():
    one, _ = room(turned(0, 0, 0, 0))
    other, _ = room(turned(0, 0, 0, 0), Intrinsics(120, 126, 45, 33, WIDTH, HEIGHT))
    there = reproject(one, other, [other.depth])
    assert np.nanmedian(np.abs(there.seen[0] / one.depth - 1)) < 1e-5


def test_what_lies_behind_is_not_seen():
    one, _ = room(turned(0, 0, 0, 0))
    other = View(one.depth, CAMERA, turned(math.pi, 0, 0, 0))
    assert np.isnan(reproject(one, other, [other.depth]).seen[0]).all()


@pytest.mark.parametrize("moves", [False, True])
def test_known_scales_and_shifts_are_found(moves):
    cameras = walk(9) if moves else [np.eye(4)] * 9
    exact, pictures = zip(*[room(each) for each in cameras], strict=True)
    scales = 1 + 0.1 * np.random.default_rng(0).uniform(-1, 1, 9)
    shifts = 0.2 * np.random.default_rng(1).uniform(-1, 1, 9)
    looks = [disturbed(*each, 0.005) for each in zip(exact, scales, shifts, strict=True)]
    found = relations(looks, pictures)
    assert find_breaks(found) == []
    fits = solve_fits(found, [], 5)
    steady = [fit.apply(look.depth) for fit, look in zip(fits, looks, strict=True)]
    off = [np.median(a / b.depth) for a, b in zip(steady, exact, strict=True)]
    before = [np.median(a.depth / b.depth) for a, b in zip(looks, exact, strict=True)]
    # Eight times nearer to each other than before, and the shot's scale is what it was on average.
    assert np.abs(np.diff(off)).mean() < np.abs(np.diff(before)).mean() / 8
    assert np.mean(off) == pytest.approx(np.mean(before), abs=0.02)


def warped(look, seed, amount):
    """As an unsure model sees it: another smooth error of depth in each frame."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:HEIGHT, :WIDTH] / HEIGHT
    waves = sum(
        np.sin(rng.uniform(2, 7) * x + rng.uniform(2, 7) * y + rng.uniform(0, 6)) for _ in range(4)
    )
    return View((look.depth * np.exp(amount * waves)).astype(np.float32), CAMERA, look.matrix)


@pytest.mark.parametrize("moves", [False, True])
def test_a_shot_of_an_unsure_model_keeps_its_scale_and_is_one_shot(moves):
    cameras = walk(9) if moves else [np.eye(4)] * 9
    exact, pictures = zip(*[room(each) for each in cameras], strict=True)
    scales = np.exp(np.random.default_rng(2).uniform(-0.4, 0.4, 9))
    looks = [warped(disturbed(each, scale), seed, 0.17)
             for seed, (each, scale) in enumerate(zip(exact, scales, strict=True))]  # fmt: skip
    found = relations(looks, pictures)
    assert max(each.spread for each in found) > 0.15
    assert find_breaks(found) == []
    fits = solve_fits(found, [], 5)
    steady = [fit.apply(look.depth) for fit, look in zip(fits, looks, strict=True)]
    off = np.log([np.median(a / b.depth) for a, b in zip(steady, exact, strict=True)])
    before = np.log([np.median(a.depth / b.depth) for a, b in zip(looks, exact, strict=True)])
    assert np.mean(off) == pytest.approx(np.mean(before), abs=0.1)
    assert np.abs(np.diff(off)).mean() < np.abs(np.diff(before)).mean() / 2


def test_a_window_of_nothing_changes_nothing():
    exact, pictures = zip(*[room(each) for each in walk(3)], strict=True)
    assert solve_fits(relations(exact, pictures), [], 0) == [Fit()] * 3


def test_one_frame_alone():
    assert solve_fits([], [], 5) == [Fit()]
    assert find_breaks([]) == [] and find_jumps([], []) == []


def test_frames_that_agree_stay():
    exact, pictures = zip(*[room(each) for each in walk(5)], strict=True)
    for fit in solve_fits(relations(exact, pictures), [], 4):
        assert (fit.scale, fit.shift) == pytest.approx((1, 0), abs=2e-4)


def test_a_jump_is_told_and_evened_out():
    exact, pictures = zip(*[room(each) for each in walk(8)], strict=True)
    looks = [disturbed(each, 1.0 if t < 4 else 1.2) for t, each in enumerate(exact)]
    found = relations(looks, pictures)
    assert find_breaks(found) == []
    ((index, ratio),) = find_jumps(found, [])
    assert index == 4 and ratio == pytest.approx(1.2, rel=0.01)
    fits = solve_fits(found, [], 5)
    steady = [fit.apply(look.depth) for fit, look in zip(fits, looks, strict=True)]
    off = [np.median(a / b.depth) for a, b in zip(steady, exact, strict=True)]
    assert max(off) / min(off) < 1.05


def test_over_a_gap_frames_hold_each_other_less():
    """Between neighbors the jump is evened out, over many frames each side stays where it is."""
    exact, pictures = zip(*[room(each) for each in walk(8)], strict=True)
    looks = [disturbed(each, 1.0 if t < 4 else 1.2) for t, each in enumerate(exact)]
    found = relations(looks, pictures)
    left = {}
    for step in (1, 5, 40, None):
        steps = [1, 1, 1, step or 1, 1, 1, 1]
        breaks = [] if step else [4]
        fits = solve_fits(found, breaks, 3, steps)
        here, there = (np.median(fit.apply(look.depth) / each.depth) for fit, look, each in (
            (fits[3], looks[3], exact[3]), (fits[4], looks[4], exact[4])))  # fmt: skip
        left[step] = there / here
    assert 1 < left[1] < left[5] < left[40] < left[None] == pytest.approx(1.2, rel=0.01)
    assert left[1] < 1.07
    assert solve_fits(found, [], 3) == solve_fits(found, [], 3, [1] * 7)
    assert find_jumps(found, [], [1, 1, 1, 2, 1, 1, 1]) != []
    assert find_jumps(found, [], [1, 1, 1, 9, 1, 1, 1]) == []


def test_a_cut_is_found_and_not_smoothed_across():
    first, pictures = zip(*[room(each) for each in walk(4)], strict=True)
    second, others = zip(*[room(turned(2 + 0.01 * t, -3, 0.5, 3)) for t in range(4)], strict=True)
    # The same place for both, as the plate of an edit has under one camera.
    second = [View(2.5 * each.depth, CAMERA, turned(0, 0, 0, 0)) for each in second]
    looks = [*(View(x.depth, CAMERA, turned(0, 0, 0, 0)) for x in first), *second]
    found = relations(looks, [*pictures, *others])
    assert find_breaks(found) == [4]
    assert find_jumps(found, [4]) == []
    apart = solve_fits(found[:3], [], 5) + solve_fits(found[4:], [], 5)
    assert solve_fits(found, [4], 5) == apart


def test_the_scene_has_another_scale_than_the_depth():
    """A camera solve of any scale: its translation is left out where it does not fit the depth."""
    cameras = walk(4)
    exact, pictures = zip(*[room(each) for each in cameras], strict=True)
    wrong = []
    for look in exact:
        matrix = look.matrix.copy()
        matrix[:3, 3] *= 30
        wrong.append(View(look.depth, CAMERA, matrix))
    assert not any(each.turning_only for each in relations(exact, pictures))
    found = relations(wrong, pictures)
    assert all(each.turning_only for each in found) and find_breaks(found) == []


def test_noise_goes_and_edges_stay():
    cameras = walk(11)
    exact, _ = zip(*[room(each) for each in cameras], strict=True)
    looks = [disturbed(each, 1, 0, 0.01, seed) for seed, each in enumerate(exact)]
    middle = 5
    others = [
        (look, [look.depth], abs(t - middle) / 5, False)
        for t, look in enumerate(looks)
        if t != middle
    ]
    (steady,) = blend(looks[middle], [looks[middle].depth], others)
    true = exact[middle].depth
    before, after = (np.abs(np.log(each / true)) for each in (looks[middle].depth, steady))
    assert after.mean() < before.mean() / 2
    # No value between the ball and what lies behind it.
    edge = np.abs(np.diff(np.log(true), axis=1)) > 0.3
    steps = np.abs(np.diff(np.log(steady), axis=1))[edge]
    np.testing.assert_allclose(steps, np.abs(np.diff(np.log(true), axis=1))[edge], atol=0.06)


def test_what_moves_stays_where_it_is():
    balls = [(-1.5 + 0.25 * t, -0.5, -4) for t in range(9)]
    looks = [room(np.eye(4), ball=ball)[0] for ball in balls]
    others = [(x, [x.depth], abs(t - 4) / 5, False) for t, x in enumerate(looks) if t != 4]
    (steady,) = blend(looks[4], [looks[4].depth], others)
    np.testing.assert_allclose(steady, looks[4].depth, rtol=0.02)


def test_holes_stay_holes():
    look = room(np.eye(4))[0]
    depth = look.depth.copy()
    depth[5:9, 7:11] = 0
    holed = View(depth, CAMERA, None)
    (steady,) = blend(holed, [depth], [(View(look.depth, CAMERA, None), [look.depth], 0.2, False)])
    assert (steady[5:9, 7:11] == 0).all() and (np.delete(steady, range(5, 9), 0) > 0).all()
    assert (Fit(1.1, -0.2).apply(depth)[5:9, 7:11] == 0).all()
