"""A clip that a fisheye took: what model and mesh show, where that lies, and what is open."""

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.geometry.lens import undistort_places
from sharpdepth_blender.process.job import PictureResult
from sharpdepth_blender.scene import camera_intrinsics, render_view
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import get_input
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.plates.clip import clip_lens
from sharpdepth_blender.scene.sequence import Frames
from sharpdepth_blender.scene.source import automatic_source
from sharpdepth_blender.scene.uids import find_by_uid
from sharpdepth_blender.tasks.generate import Generation
from sharpdepth_blender.tasks.generate_sequence import SequenceGeneration
from sharpdepth_blender.tasks.inputs import shot_of
from tests.scene.sequence.shots import save_png
from tests.tasks.told_engine import Engine, answer

pytestmark = pytest.mark.usefixtures("registered")
WIDTH, HEIGHT = 240, 160
LENSES = {
    "POLYNOMIAL": {"k1": -0.24, "k2": 0.04},
    "DIVISION": {"division_k1": 0.28, "division_k2": 0.01},
    "NUKE": {"nuke_k1": -0.25, "nuke_k2": 0.02},
    "BROWN": {"brown_k1": -0.24, "brown_k2": 0.04, "brown_p1": 0.004, "brown_p2": -0.006},
}


def wall(u, v, camera):
    """Colors (N, 3) and z-depth of a checked, slanted wall that a pinhole camera sees at places."""
    x, y = (u - camera.cx) / camera.fx, (v - camera.cy) / camera.fy
    z = 3 / (1 + 0.3 * x - 0.2 * y)
    checks = np.tanh(6 * np.sin(3 * x * z) * np.sin(3 * y * z))
    rgb = np.stack([130 + 90 * checks, 90 + 30 * x, 120 + 60 * checks * y], -1)
    return rgb, z.astype(np.float32)


def clip_behind_camera(scene, folder, model, coefficients, count=1):
    """A clip as its lens took it, behind the camera that a solve would give."""
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    blank = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for number in range(1, count + 1):
        save_png(folder / f"fish.{number:04d}.png", blank)
    clip = bpy.data.movieclips.load(str(folder / "fish.0001.png"))
    lens = clip.tracking.camera
    lens.sensor_width, lens.focal_length_pixels = 36, 100
    lens.principal_point_pixels = (WIDTH / 2, HEIGHT / 2)
    lens.distortion_model = model
    for name, value in coefficients.items():
        setattr(lens, name, value)
    data = bpy.data.cameras.new("Camera")
    data.sensor_width, data.lens = 36, 36 * 100 / WIDTH
    camera = bpy.data.objects.new("Camera", data)
    camera.matrix_world = Matrix.LocRotScale((1, 2, 3), Matrix.Rotation(0.4, 3, "X"), None)
    scene.collection.objects.link(camera)
    scene.camera = camera
    shown = data.background_images.new()
    shown.source, shown.clip = "MOVIE_CLIP", clip
    bpy.context.view_layer.update()
    pinhole = camera_intrinsics(scene, camera)
    v, u = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    distortion, intrinsics = clip_lens(clip, WIDTH, HEIGHT)
    np.testing.assert_allclose(tuple(intrinsics), tuple(pinhole), rtol=1e-5)
    places = undistort_places(np.stack([u, v], -1).reshape(-1, 2), distortion, intrinsics)
    rgb, _ = wall(*np.nan_to_num(places).T, pinhole)
    for number in range(1, count + 1):
        bent = np.round(rgb).clip(0, 255).astype(np.uint8).reshape(HEIGHT, WIDTH, 3)
        save_png(folder / f"fish.{number:04d}.png", bent)
    return clip, wall(u, v, pinhole)


def finish(generation, depth):
    job = generation._engine.jobs[-1]
    job.finish(answer(depth=depth, metric_depth=depth, difference=0 * depth))
    while not generation.over:
        generation.step()
    assert generation.error is None
    return find_by_uid(bpy.data.objects, generation.result)


@pytest.mark.parametrize("model", LENSES)
def test_the_result_lies_under_the_undistorted_plate(model, tmp_path):
    scene = bpy.context.scene
    clip, (truth, depth) = clip_behind_camera(scene, tmp_path, model, LENSES[model])
    bent = image_values(bpy.data.images.load(str(tmp_path / "fish.0001.png")))[..., :3] * 255
    generation = Generation(Engine(), scene, shot_of(scene, clip, scene.camera))
    generation._engine.jobs[-1].finish(PictureResult(False, None, []))
    generation.step()
    given = generation._engine.jobs[-1].request["rgb"]
    inner = np.s_[12:-12, 12:-12]
    assert np.abs(given - truth)[inner].mean() < 2 < 10 < np.abs(bent - truth)[inner].mean()
    obj = finish(generation, depth)
    shown = np.round(image_values(get_input(find_modifier(obj), "Picture"))[..., :3] * 255)
    np.testing.assert_array_equal(shown, given)
    render_view(scene, tmp_path / "seen.png", samples=8)
    seen = np.round(image_values(bpy.data.images.load(str(tmp_path / "seen.png")))[..., :3] * 255)
    assert np.abs(seen - truth)[inner].mean() < 3
    assert "undistorted by the lens" in obj.sharpdepth.notes


@pytest.mark.parametrize("is_straight", [False, True])
def test_who_sees_the_bent_clip_behind_the_mesh_is_told(is_straight, tmp_path):
    scene = bpy.context.scene
    clip, _ = clip_behind_camera(scene, tmp_path, "POLYNOMIAL", LENSES["POLYNOMIAL"])
    (shown,) = scene.camera.data.background_images
    shown.clip_user.use_render_undistorted = is_straight
    for camera in (scene.camera, "AUTO"):
        notes = shot_of(scene, clip, camera).notes
        assert any("turn on Render Undistorted" in note for note in notes) != is_straight
    clip.tracking.camera.k1 = clip.tracking.camera.k2 = 0
    assert not any("Render Undistorted" in note for note in shot_of(scene, clip, "AUTO").notes)


def test_a_files_other_colors_are_undistorted_too(tmp_path):
    """Pixels that the engine reads by the file's ICC profile come as the file has them."""
    scene = bpy.context.scene
    clip, (truth, _) = clip_behind_camera(scene, tmp_path, "POLYNOMIAL", LENSES["POLYNOMIAL"])
    bent = np.round(
        image_values(bpy.data.images.load(str(tmp_path / "fish.0001.png")))[..., :3] * 255
    ).astype(np.uint8)
    generation = Generation(Engine(), scene, shot_of(scene, clip, scene.camera))
    generation._engine.jobs[-1].finish(PictureResult(False, None, [], rgb=bent))
    generation.step()
    given = generation._engine.jobs[-1].request["rgb"]
    assert np.abs(given - truth)[12:-12, 12:-12].mean() < 2


def test_what_the_lens_did_not_see_is_open(tmp_path):
    scene = bpy.context.scene
    clip, (_, depth) = clip_behind_camera(scene, tmp_path, "POLYNOMIAL", {"k1": 0.15})
    generation = Generation(Engine(), scene, shot_of(scene, clip, scene.camera))
    generation._engine.jobs[-1].finish(PictureResult(False, None, []))
    generation.step()
    obj = finish(generation, depth)
    kept = image_values(obj.sharpdepth.depth)[..., 0]
    assert not kept[0].any() and not kept[:, -1].any() and (kept[60:100, 80:160] > 0).all()
    assert f"does not show {np.mean(kept == 0):.1%} of the undistorted" in obj.sharpdepth.notes


def test_a_shot_is_undistorted_frame_by_frame(tmp_path):
    scene = bpy.context.scene
    clip, (truth, depth) = clip_behind_camera(scene, tmp_path, "POLYNOMIAL", {"k1": 0.15}, count=2)
    shot = shot_of(scene, clip, "AUTO")
    source, camera = automatic_source(scene, clip)
    engine = Engine()
    frames = Frames(scene, source, camera, [1, 2])
    generation = SequenceGeneration(engine, frames, tmp_path / "out", window=0)
    while not generation.over:
        generation.step()
        if engine.jobs and not engine.jobs[-1].done:
            np.testing.assert_array_equal(engine.jobs[-1].request["rgb"], shot.rgb)
            engine.jobs[-1].finish(answer(depth=depth, metric_depth=depth, difference=0 * depth))
    assert generation.error is None and generation.made == 2
    assert any("turn on Render Undistorted" in note for note in generation.notes)
    picture = image_values(bpy.data.images.load(str(tmp_path / "out" / "picture.0002.png")))
    inner = np.s_[30:-30, 40:-40]
    assert np.abs(picture[..., :3] * 255 - truth)[inner].mean() < 2
    raw = generation.store.read_raw(2)
    np.testing.assert_array_equal(raw.depth == 0, shot.unseen)
    assert shot.unseen.any()
