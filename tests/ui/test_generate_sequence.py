"""The operator, with the real engine at its smallest."""

import time

import bpy
import numpy as np
import pytest

import sharpdepth_blender
from sharpdepth_blender.process import Engine
from sharpdepth_blender.scene import remove_result
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.target_result import results_of
from sharpdepth_blender.tasks import queue
from sharpdepth_blender.tasks.session import close_engine
from tests.scene import tracked_shot
from tests.scene.sequence.shots import files_of, make_shot


@pytest.fixture
def registered(monkeypatch):
    sharpdepth_blender.register()
    monkeypatch.setattr(queue, "close_engine", lambda: None)
    infer = Engine.infer
    # As few pixels as the networks take, for this machine's sake.
    monkeypatch.setattr(
        Engine, "infer", lambda *a, **options: infer(*a, **{**options, "resolution": 64})
    )
    yield
    close_engine()
    sharpdepth_blender.unregister()


def test_a_shot_by_the_operator(registered, tmp_path):
    make_shot(tmp_path, 3)
    scene = bpy.context.scene
    settings = scene.sharpdepth
    settings.source = "CAMERA_BACKGROUND"
    scene.frame_set(2)
    assert bpy.ops.sharpdepth.generate_sequence() == {"FINISHED"}
    (obj,) = [each for each in scene.objects if "sharpdepth_depth" in each]
    assert obj.sharpdepth.model == "preview" and scene.frame_current == 2
    assert obj.name == "plate.0001 depth mesh"
    assert (tmp_path / "SharpDepth" / "depth.0003.exr").is_file()
    faces = []
    for number in (1, 3):
        scene.frame_set(number)
        there = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
        faces.append(len(there.data.polygons))
        np.testing.assert_allclose(obj.matrix_world, scene.camera.matrix_world, atol=1e-5)
    assert min(faces) > 1000
    before = files_of(tmp_path / "SharpDepth")
    set_input(find_modifier(obj), "Sharpness", 0.25)
    assert bpy.ops.sharpdepth.generate_sequence() == {"FINISHED"}
    assert files_of(tmp_path / "SharpDepth") == before
    assert results_of(scene) == [obj] and get_input(find_modifier(obj), "Sharpness") == 0.25
    settings.keep_both = True
    assert bpy.ops.sharpdepth.generate_sequence() == {"FINISHED"}
    other = next(each for each in results_of(scene) if each != obj)
    assert other.users_collection == obj.users_collection
    assert get_input(find_modifier(other), "Sharpness") == 1
    remove_result(other)

    scene.frame_set(2)
    bpy.context.view_layer.objects.active = obj
    assert bpy.ops.sharpdepth.bake() == {"FINISHED"}
    assert find_modifier(obj) is None and len(obj.data.polygons) > 1000


def test_what_is_missing_is_named(registered, tmp_path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with pytest.raises(RuntimeError, match="Save the file first"):
        bpy.ops.sharpdepth.generate_sequence()
    settings = bpy.context.scene.sharpdepth
    settings.sequence_folder = str(tmp_path / "out")
    settings.image = bpy.data.images.new("Alone", 8, 8)
    with pytest.raises(RuntimeError, match="single picture"):
        bpy.ops.sharpdepth.generate_sequence()
    assert not (tmp_path / "out").exists()


def test_what_is_asked_of_the_engine(registered, tmp_path, monkeypatch):
    from sharpdepth_blender.ui.operators import generate_sequence

    make_shot(tmp_path, 3)
    settings = bpy.context.scene.sharpdepth
    settings.source = "CAMERA_BACKGROUND"
    settings.resolution, settings.seed, settings.precision = 96, 7, "BF16"
    monkeypatch.setattr(generate_sequence, "begin_sequence", lambda *places, **asked: asked)
    asked = generate_sequence.begin(bpy.context)
    assert (asked["resolution"], asked["seed"], asked["precision"]) == (96, 7, "bf16")
    assert asked["model"] == "preview" and asked["device"] == "auto"


def test_cancelled_it_keeps_its_frames(registered, tmp_path):
    from sharpdepth_blender.ui.operators.generate_sequence import begin

    make_shot(tmp_path, 3)
    bpy.context.scene.sharpdepth.source = "CAMERA_BACKGROUND"
    objects = len(bpy.data.objects)
    generation = begin(bpy.context)
    queue.start(generation)
    while generation.made < 1:
        generation.step()
        time.sleep(0.02)  # or it would take the engine's own processor
        assert not generation.over
    assert bpy.ops.sharpdepth.cancel() == {"FINISHED"}
    assert generation.over and generation.error is None and queue.running() == []
    assert len(bpy.data.objects) == objects
    assert (tmp_path / "SharpDepth" / "raw" / "0001.npz").is_file()


def test_each_frame_has_the_solved_tracks_of_its_own(registered, tmp_path, monkeypatch):
    asked = []
    infer = Engine.infer

    def listen(engine, rgb, **options):
        asked.append(options["metric_points"])
        return infer(engine, rgb, **options)

    monkeypatch.setattr(Engine, "infer", listen)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    shot = tracked_shot.track(tmp_path)
    tracked_shot.solve(shot)
    tracked_shot.show_behind(camera, shot.clip)
    settings = scene.sharpdepth
    settings.source, settings.use_tracks = "MOVIE_CLIP", True
    settings.sequence_folder = str(tmp_path / "out")
    scene.frame_start, scene.frame_end = 3, 9
    shot.clip.frame_offset = -1  # so that there is a picture, which is none of the solve's
    with pytest.raises(RuntimeError, match="no camera at frame 9"):
        bpy.ops.sharpdepth.generate_sequence()
    assert not asked
    shot.clip.frame_offset = 0
    scene.frame_end = 4
    assert bpy.ops.sharpdepth.generate_sequence() == {"FINISHED"}
    for points, number in zip(asked, (3, 4), strict=True):
        np.testing.assert_allclose(points[:, :2], shot.places[number], atol=1e-3)
        ratios = points[:, 2] / shot.depths[number]
        np.testing.assert_allclose(ratios, ratios[0], rtol=1e-4)
    (obj,) = [each for each in scene.objects if "sharpdepth_depth" in each]
    assert "the solved tracks of shot.0001.png" in obj.sharpdepth.notes

    # With another scale the same frames are others, and without tracks, too.
    assert bpy.ops.sharpdepth.generate_sequence() == {"FINISHED"} and len(asked) == 2
    camera.scale = (2, 2, 2)
    with pytest.raises(RuntimeError, match="were made with tracks"):
        bpy.ops.sharpdepth.generate_sequence()
    settings.use_tracks = False
    with pytest.raises(RuntimeError, match="were made with tracks"):
        bpy.ops.sharpdepth.generate_sequence()
