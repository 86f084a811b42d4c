"""The rendered scenes: the same seed gives the same frame, and its depth is exact."""

import json

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from mathutils import Vector  # noqa: E402

from training.scenes import demo, photographs, render, scene, world  # noqa: E402
from training.scenes.frame import FAR, Frame  # noqa: E402

INDOORS, OUTDOORS = 1, 4


@pytest.fixture(autouse=True)
def empty_file():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def cast_rays(camera, intrinsics, height, width):
    """Depth at the pixel centers by geometry alone: one ray a pixel, 0 where nothing is hit."""
    fx, fy, cx, cy = intrinsics
    graph = bpy.context.evaluated_depsgraph_get()
    origin, turn = camera.matrix_world.translation, camera.matrix_world.to_3x3()
    forward = turn @ Vector((0, 0, -1))
    depth = np.zeros((height, width), np.float32)
    for v in range(height):
        for u in range(width):
            ray = turn @ Vector(((u + 0.5 - cx) / fx, -(v + 0.5 - cy) / fy, -1))
            hit, where, *_ = bpy.context.scene.ray_cast(graph, origin, ray.normalized())
            depth[v, u] = (where - origin).dot(forward) if hit else 0
    return depth


@pytest.mark.parametrize("seed", [INDOORS, OUTDOORS])
@pytest.mark.parametrize("size", [(40, 30), (30, 40)])
def test_depth_is_that_of_the_geometry(seed, size):
    camera = scene.build_scene(seed)
    frame = render.render_frame(camera, *size, samples=1, seed=seed)
    truth = cast_rays(camera, frame.intrinsics, size[1], size[0])
    truth[(truth == 0) | (truth > FAR)] = FAR
    assert frame.depth.shape == truth.shape == frame.rgb.shape[:2]
    error = np.abs(frame.depth - truth) / truth
    # The rest are rays that graze an edge, where the renderer's jitter of 0.005 px decides.
    assert np.mean(error < 1e-3) > 0.985
    assert np.median(error) < 1e-4
    assert frame.depth.max() <= FAR and frame.depth.min() > 0.1


# A square, a landscape, a shelf, a large table, a floor, a box.
@pytest.mark.parametrize("seed", [0, 11, 20, 6, 24, 4])
def test_the_world_has_exact_depth_and_sky(seed):
    camera = world.build_world(seed)
    frame = render.render_frame(camera, 40, 30, samples=1, seed=seed, farthest=500.0)
    truth = cast_rays(camera, frame.intrinsics, 30, 40)
    # The rest are rays that graze an edge, where the renderer's jitter of 0.005 px decides.
    assert np.mean(frame.sky == (truth == 0)) > 0.985
    assert frame.sky.any() == (seed in (0, 11))
    assert (frame.depth[frame.sky] == 500).all()
    seen = ~frame.sky & (truth > 0)
    error = np.abs(frame.depth - np.minimum(truth, 500))[seen] / truth[seen]
    assert np.mean(error < 1e-3) > 0.985 and np.median(error) < 1e-4


def test_the_world_is_near_and_far_low_and_high():
    views, heights, pitches, rolls = [], [], [], []
    for seed in range(36):
        camera = world.build_world(seed)
        views.append(np.degrees(camera.data.angle))
        heights.append(camera.matrix_world.translation.z)
        turn = camera.matrix_world.to_3x3()
        pitches.append(np.degrees(np.arcsin((turn @ Vector((0, 0, -1))).z)))
        rolls.append(np.degrees(np.arcsin(np.clip((turn @ Vector((1, 0, 0))).z, -1, 1))))
    assert 19.9 < min(views) < 40 and 80 < max(views) < 100.1
    assert min(heights) < 0.8 and max(heights) > 5
    assert min(pitches) < -50 and 8 < max(pitches) < 31
    assert 0.5 < np.std(rolls) and max(map(abs, rolls)) <= 5.1


def test_a_seed_is_a_frame_of_the_world():
    first, again = (
        render.render_scene(6, 48, samples=1, farthest=500.0, build=world.build_world)
        for _ in range(2)
    )
    np.testing.assert_array_equal(first.rgb, again.rgb)
    np.testing.assert_array_equal(first.depth, again.depth)


def test_labels_go_with_their_scene():
    world.build_world(6)  # a large table with packages
    assert [image for image in bpy.data.images if image.name.startswith("label")]
    world.build_world(11)  # a landscape
    assert not [image for image in bpy.data.images if image.name.startswith("label")]


def test_without_photographs_there_are_paintings(monkeypatch):
    monkeypatch.setattr(photographs, "_data_folder", lambda: None)
    assert photographs.photographs() == photographs.surfaces() == []
    world.build_world(6)
    assert not [image for image in bpy.data.images if image.filepath.endswith(("png", "jpg"))]


def test_a_frame_keeps_its_sky(tmp_path):
    depth, sky = np.full((4, 5), 2.5, np.float32), np.eye(4, 5, dtype=bool)
    for kept in (sky, None):
        Frame(np.zeros((4, 5, 3), np.uint8), depth, (1.0, 2.0, 3.0, 4.0), 7, kept).save(
            tmp_path / "frame.npz"
        )
        loaded = Frame.load(tmp_path / "frame.npz")
        assert loaded.seed == 7 and loaded.intrinsics == (1.0, 2.0, 3.0, 4.0)
        np.testing.assert_array_equal(loaded.sky, kept)


def test_a_seed_is_a_frame():
    first = render.render_scene(INDOORS, 48, samples=2)
    other = render.render_scene(OUTDOORS, 48, samples=2)
    again = render.render_scene(INDOORS, 48, samples=2)
    np.testing.assert_array_equal(first.rgb, again.rgb)
    np.testing.assert_array_equal(first.depth, again.depth)
    assert first.intrinsics == again.intrinsics
    assert first.intrinsics != other.intrinsics
    assert not np.array_equal(first.depth, other.depth)


def test_scenes_vary_as_promised():
    """Cameras of forty scenes: field of view, height, pitch; and that none is in a wall."""
    views, heights, pitches, outdoors = [], [], [], 0
    for seed in range(40):
        camera = scene.build_scene(seed)
        views.append(np.degrees(camera.data.angle))
        heights.append(camera.matrix_world.translation.z)
        forward = camera.matrix_world.to_3x3() @ Vector((0, 0, -1))
        pitches.append(np.degrees(np.arcsin(forward.z)))
        outdoors += "ground" in bpy.data.objects
    assert 34.9 < min(views) < 45 and 70 < max(views) < 80.1
    assert 0.9 <= min(heights) and max(heights) <= 2.5 and np.std(heights) > 0.1
    assert np.std(pitches) > 3 and min(pitches) < -8
    assert 8 <= outdoors <= 24


def test_exposure_keeps_light_in_range():
    light = np.random.default_rng(0).uniform(0, 1, (8, 8, 3))
    for strength in (1e-3, 1, 1e3):
        rgb = render.develop(light * strength, np.random.default_rng(1))
        assert rgb.dtype == np.uint8
        assert 60 < rgb.mean() < 200
    black = render.develop(np.zeros((4, 4, 3)), np.random.default_rng(1))
    assert (black == 0).all()


def test_the_demo_picture_has_its_camera_beside_it(tmp_path):
    path = tmp_path / "demo.png"
    frame = demo.render_demo(path, 64, 48, samples=1)
    assert isinstance(frame, Frame) and frame.rgb.shape == (48, 64, 3)
    image = bpy.data.images.load(str(path))
    stored = np.array(image.pixels[:]).reshape(48, 64, 4)[::-1, :, :3]
    np.testing.assert_array_equal(np.round(stored * 255).astype(np.uint8), frame.rgb)
    camera = json.loads(path.with_suffix(".json").read_text())
    assert tuple(camera[name] for name in ("fx", "fy", "cx", "cy")) == frame.intrinsics
    assert (camera["width"], camera["height"]) == (64, 48)
