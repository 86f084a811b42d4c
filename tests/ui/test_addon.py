"""The add-on as Blender registers it: operators and settings, with the real engine."""

import math
from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np
import pytest

import sharpdepth_blender
from sharpdepth_blender.geometry import write_exr
from sharpdepth_blender.process import Engine
from sharpdepth_blender.scene import read_depth_exr
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.picture import image_values, new_picture
from sharpdepth_blender.scene.taken import seen_by
from sharpdepth_blender.tasks import queue
from sharpdepth_blender.tasks.prefs import get_preferences
from sharpdepth_blender.tasks.session import close_engine
from tests.scene import tracked_shot

WIDTH, HEIGHT = 96, 64


@pytest.fixture(scope="module", autouse=True)
def registered():
    """The add-on, and one engine for all tests."""
    sharpdepth_blender.register()
    yield
    close_engine()
    sharpdepth_blender.unregister()
    assert not hasattr(bpy.types.Scene, "sharpdepth") and not hasattr(
        bpy.types.Object, "sharpdepth"
    )


@pytest.fixture(autouse=True)
def empty_file(registered, monkeypatch):
    # The engine stays warm, which a new file would end.
    monkeypatch.setattr(queue, "close_engine", lambda: None)
    bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.fixture
def scene():
    return bpy.context.scene


@pytest.fixture
def settings(scene):
    return scene.sharpdepth


@pytest.fixture
def picture():
    v, u = np.mgrid[:HEIGHT, :WIDTH]
    rgb = np.stack([40 + 2 * v, 90 + u, 200 - 2 * v], axis=-1).astype(np.uint8)
    return new_picture("Plate", rgb)


@pytest.fixture
def camera(scene):
    """The scene's camera, with nothing behind it."""
    data = bpy.data.cameras.new("Camera")
    obj = bpy.data.objects.new("Camera", data)
    scene.collection.objects.link(obj)
    scene.camera = obj
    obj.location = (1, 2, 3)
    bpy.context.view_layer.update()
    return obj


def show(camera, picture, **settings):
    shown = camera.data.background_images.new()
    shown.image = picture
    camera.data.show_background_images = True
    for name, value in settings.items():
        setattr(shown, name, value)
    return shown


def everything():
    kinds = ("objects", "meshes", "images", "materials", "cameras", "scenes", "node_groups")
    return {kind: sorted(block.name for block in getattr(bpy.data, kind)) for kind in kinds}


def result():
    (obj,) = [obj for obj in bpy.data.objects if "sharpdepth_depth" in obj]
    return obj


def test_the_camera_background_becomes_a_mesh(scene, settings, picture, camera):
    show(camera, picture, frame_method="CROP", use_flip_x=True)
    settings.source = "CAMERA_BACKGROUND"
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    obj = result()
    assert obj.sharpdepth.model == "preview" and obj.sharpdepth.device
    assert obj.matrix_world == camera.matrix_world and scene.camera == camera
    assert obj.sharpdepth.depth.size[:] == (WIDTH, HEIGHT)
    # Mirrored, it is not the user's own image any more.
    texture = get_input(find_modifier(obj), "Picture")
    np.testing.assert_allclose(
        image_values(texture)[..., :3], image_values(picture)[:, ::-1, :3], atol=1e-6
    )
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert len(obj.evaluated_get(depsgraph).data.polygons) > 0.5 * WIDTH * HEIGHT


def test_a_depth_map_of_a_mirrored_background(settings, picture, camera, tmp_path):
    """Half of the picture is at 2 m and half at 6 m, in centimeters, with a hole."""
    depth = np.full((HEIGHT, WIDTH), 200, np.float32)
    depth[:, WIDTH // 2 :] = 600
    depth[:5, :5] = 1e10
    path = tmp_path / "scan é.exr"
    write_exr(path, {"R": depth * 0 + 1, "ViewLayer.Depth.Z": depth, "N.Z": depth * 0})
    show(camera, picture, use_flip_x=True)
    settings.source, settings.estimator = "CAMERA_BACKGROUND", "MAP"
    settings.model = "sharpdepth-open"  # which needs no estimator then
    assert [weights.name for weights in settings.weights] == ["sharpdepth-v1.0"]
    settings.model = "preview"
    with pytest.raises(RuntimeError, match="Choose the file"):
        bpy.ops.sharpdepth.generate()
    settings.depth_file, settings.depth_unit = str(path), 0.01
    settings.depth_channel = "Nothing"
    with pytest.raises(RuntimeError, match="has no channel Nothing"):
        bpy.ops.sharpdepth.generate()
    settings.depth_channel = ""
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    metric = image_values(result().sharpdepth.metric_depth)[..., 0]
    assert np.median(metric[:, : WIDTH // 2 - 8]) == pytest.approx(6, rel=0.02)
    assert np.median(metric[:, WIDTH // 2 + 8 :]) == pytest.approx(2, rel=0.02)
    assert metric.min() > 0
    assert any("25 px" in note for note in result().sharpdepth.notes.splitlines())


def test_an_image_under_the_scenes_camera(settings, picture, camera):
    settings.image, settings.camera = picture, "SCENE"
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    obj = result()
    assert "no background of the camera" in obj.sharpdepth.notes
    assert get_input(find_modifier(obj), "Picture") == picture
    assert obj.matrix_world == camera.matrix_world


@pytest.mark.parametrize("choice", ["AUTO", "SCENE", "NEW", "FOV"])
def test_a_scene_without_a_camera_gets_one(choice, scene, settings, picture):
    settings.image, settings.camera, settings.fov = picture, choice, math.radians(40)
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    camera = scene.camera
    assert camera.data.background_images[0].image == picture
    assert result().matrix_world == camera.matrix_world
    if choice == "FOV":
        scene.render.resolution_x, scene.render.resolution_y = 960, 640
        bpy.context.view_layer.update()
        assert math.degrees(camera.data.angle_x) == pytest.approx(40)
    else:
        assert "camera is unknown" in result().sharpdepth.notes


def test_a_photograph_in_a_scene_with_an_unrelated_camera(scene, settings, picture, camera):
    """As in the factory scene: the camera that is there never saw it."""
    settings.image = picture
    before = camera.matrix_world.copy(), camera.data.lens
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    obj = result()
    made = seen_by(obj)
    assert made.name == "Plate camera" and obj.matrix_world == made.matrix_world
    assert made.data.background_images[0].image == picture
    assert scene.camera == camera and (camera.matrix_world, camera.data.lens) == before
    assert "no background" not in obj.sharpdepth.notes
    # A second plate does not land in the first one's lens.
    settings.image = new_picture("Other", np.full((HEIGHT, WIDTH, 3), 90, np.uint8))
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    assert seen_by(bpy.data.objects["Other depth mesh"]).name == "Other camera"


@pytest.mark.parametrize("active", [True, False])
def test_a_background_of_a_camera_is_seen_by_that_camera(
    active, scene, settings, picture, camera, asked
):
    show(camera, picture, frame_method="FIT")
    camera.data.lens = 40
    if not active:
        other = bpy.data.objects.new("Other", bpy.data.cameras.new("Other"))
        scene.collection.objects.link(other)
        scene.camera = other
    settings.image = picture
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    obj = result()
    assert seen_by(obj) == camera and obj.matrix_world == camera.matrix_world
    assert len(bpy.data.cameras) == (1 if active else 2)
    assert asked[-1]["intrinsics"] is not None


def test_generate_again_replaces_and_keep_both_does_not(scene, settings, picture):
    settings.image = picture
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    obj = result()
    set_input(find_modifier(obj), "Sharpness", 0.25)
    before = everything()
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    assert everything() == before and result() == obj
    assert get_input(find_modifier(obj), "Sharpness") == pytest.approx(0.25)
    assert bpy.ops.sharpdepth.generate(keep_both=True) == {"FINISHED"}
    assert len(bpy.data.meshes) == 2
    settings.keep_both = True
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    assert len(bpy.data.meshes) == 3


def test_another_field_of_view_is_the_new_lens_of_its_camera(scene, settings, picture):
    settings.image, settings.camera = picture, "FOV"
    for degrees in (60, 35):
        settings.fov = math.radians(degrees)
        assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
        data = seen_by(result()).data
        assert math.degrees(data.angle) == pytest.approx(degrees)
    assert len(bpy.data.cameras) == 1


def test_a_new_camera_beside_the_scenes(scene, settings, picture, camera):
    settings.image, settings.camera = picture, "NEW"
    before = camera.matrix_world.copy()
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    assert scene.camera == camera and camera.matrix_world == before
    assert len(bpy.data.cameras) == 2 and not camera.data.background_images


def test_lit_by_one_switch(settings, picture):
    settings.image = picture
    bpy.ops.sharpdepth.generate()
    kept = result().sharpdepth
    assert kept.can_be_lit and not kept.lit
    for lit in (True, False):
        kept.lit = lit
        assert kept.lit == lit
    bpy.ops.sharpdepth.bake()
    kept.lit = True
    assert kept.lit
    result().data.materials.clear()
    kept.lit = True  # there is nothing to switch
    assert not kept.can_be_lit and not kept.lit


def test_the_movie_clip_behind_the_camera(scene, settings, picture, camera, tmp_path):
    for frame in (1, 2):
        picture.filepath_raw, picture.file_format = str(tmp_path / f"shot.{frame:04}.png"), "PNG"
        picture.save()
    shown = camera.data.background_images.new()
    shown.source = "MOVIE_CLIP"
    shown.clip = bpy.data.movieclips.load(str(tmp_path / "shot.0001.png"))
    camera.data.show_background_images = True
    lens = shown.clip.tracking.camera
    lens.distortion_model, lens.k1 = "POLYNOMIAL", 0.1
    scene.frame_set(2)
    settings.source = "MOVIE_CLIP"
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    obj = result()
    assert obj.name.startswith("shot.0001") and "undistorted" in obj.sharpdepth.notes
    assert obj.matrix_world == camera.matrix_world
    # A camera of its own has the lens that the tracker knows.
    settings.camera = "NEW"
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    made = next(each for each in bpy.data.cameras if each != camera.data)
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT
    assert "camera is unknown" not in bpy.data.objects[-1].sharpdepth.notes
    assert made.background_images[0].image.size[:] == (WIDTH, HEIGHT)


@pytest.fixture
def asked(monkeypatch):
    """What the engine is asked for, request after request."""
    requests = []
    infer = Engine.infer

    def listen(engine, rgb, **options):
        requests.append(options)
        return infer(engine, rgb, **options)

    monkeypatch.setattr(Engine, "infer", listen)
    return requests


@pytest.mark.parametrize("source", ["MOVIE_CLIP", "IMAGE"])
def test_solved_tracks_set_the_meters(source, scene, settings, camera, asked, tmp_path):
    shot = tracked_shot.track(tmp_path, k1=-0.2)
    shown = tracked_shot.show_behind(camera, shot.clip)
    shown.use_flip_x = True
    settings.source, settings.use_tracks = source, True
    settings.image = new_picture("Plate", np.full((36, 48, 3), 90, np.uint8))  # half as large
    scene.frame_set(5)
    before = everything()
    with pytest.raises(RuntimeError, match="are not solved"):
        bpy.ops.sharpdepth.generate()
    assert everything() == before and not asked
    tracked_shot.solve(shot)
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    points = asked[-1]["metric_points"]
    if source == "MOVIE_CLIP":
        want = (tracked_shot.WIDTH, 0) + shot.straight[5] * (-1, 1)
    else:
        want = shot.places[5] / 2  # an image that is no background is not mirrored
    np.testing.assert_allclose(points[:, :2], want, atol=1e-3)
    ratios = points[:, 2] / shot.depths[5]
    np.testing.assert_allclose(ratios, ratios[0], rtol=1e-3)
    notes = result().sharpdepth.notes
    assert "the solved tracks of shot.0001.png" in notes and "30 solved tracks were used." in notes

    settings.estimator = "MAP"  # which leaves nothing to estimate
    assert not settings.has_tracks


def test_without_solved_tracks_the_estimate_is_as_it_is(settings, picture, asked):
    settings.image = picture
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    assert asked[-1]["metric_points"] is None
    settings.use_tracks = True
    with pytest.raises(RuntimeError, match="no movie clip with tracks"):
        bpy.ops.sharpdepth.generate()


def test_what_is_seldom_needed_reaches_the_engine(settings, picture, asked):
    settings.image = picture
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    names = ("resolution", "seed", "precision")
    assert [asked[-1][name] for name in names] == [None, 0, "auto"]
    settings.resolution, settings.seed, settings.precision = 96, 7, "FP32"
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    assert [asked[-1][name] for name in names] == [96, 7, "fp32"]


def test_changed_preferences_wait_for_the_work_that_goes_on(monkeypatch):
    from sharpdepth_blender.tasks import session

    close_engine()
    engine = session.get_engine()
    assert session.get_engine() is engine
    chosen = get_preferences()
    monkeypatch.setattr(session, "get_preferences", lambda: replace(chosen, idle_minutes=3))
    monkeypatch.setattr(type(engine), "busy", True)
    assert session.get_engine() is engine
    monkeypatch.setattr(type(engine), "busy", False)
    assert session.get_engine() is not engine


def test_points(settings, picture):
    settings.image, settings.output = picture, "POINTS"
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    assert get_input(find_modifier(result()), "Output") == "Points"


def test_a_file_by_its_path(settings, picture, tmp_path):
    path = tmp_path / "Bild é.png"
    picture.filepath_raw, picture.file_format = str(path), "PNG"
    picture.save()
    bpy.data.images.remove(picture)
    assert bpy.ops.sharpdepth.generate(filepath=str(path)) == {"FINISHED"}
    assert settings.image.filepath == str(path)
    assert result().name == "Bild é depth mesh"


def test_bake_scale_and_save(scene, settings, picture, tmp_path):
    settings.image = picture
    bpy.ops.sharpdepth.generate()
    obj = result()
    bpy.ops.sharpdepth.set_scale(distance=2.0, first=(0, 0, 0), second=(0, 1, 0))
    assert get_input(find_modifier(obj), "Depth Scale") == pytest.approx(2)
    path = str(tmp_path / "depth.exr")
    assert bpy.ops.sharpdepth.export_exr(filepath=path, depth_only=True) == {"FINISHED"}
    raw = image_values(obj.sharpdepth.depth)[..., 0]
    np.testing.assert_allclose(read_depth_exr(path), 2 * raw, rtol=1e-6)
    assert bpy.ops.sharpdepth.bake() == {"FINISHED"}
    assert find_modifier(obj) is None and len(obj.data.polygons) > 0
    assert not bpy.ops.sharpdepth.bake.poll()
    with pytest.raises(RuntimeError, match="no live depth result"):
        bpy.ops.sharpdepth.bake()


@pytest.mark.parametrize("mode", ["EDIT", "SCULPT", "VERTEX_PAINT"])
def test_other_modes_do_not_mind(mode, scene, settings, picture):
    mesh = bpy.data.meshes.new("Mine")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    mine = bpy.data.objects.new("Mine", mesh)
    scene.collection.objects.link(mine)
    bpy.context.view_layer.objects.active = mine
    mine.select_set(True)
    bpy.ops.object.mode_set(mode=mode)
    settings.image = picture
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}
    assert mine.mode == mode and bpy.context.view_layer.objects.active == mine
    assert result().name in scene.objects
    bpy.ops.object.mode_set(mode="OBJECT")


def test_a_result_that_is_edited_is_not_baked(settings, picture):
    settings.image = picture
    bpy.ops.sharpdepth.generate()
    obj = result()
    bpy.context.view_layer.objects.active = obj
    obj.select_set(True)
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match="Object Mode"):
        bpy.ops.sharpdepth.bake()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert bpy.ops.sharpdepth.bake() == {"FINISHED"}


def test_far_becomes_a_backdrop(settings):
    with np.load(Path(sharpdepth_blender.__file__).parent / "tasks" / "self_test.npz") as room:
        settings.image = new_picture("Room", room["rgb"])
    bpy.ops.sharpdepth.generate()
    obj = result()
    modifier = find_modifier(obj)
    middle = float(np.median(image_values(obj.sharpdepth.depth)[..., 0]))
    counts = []
    for backdrop in (0, 3 * middle):
        set_input(modifier, "Far", middle)
        set_input(modifier, "Backdrop", backdrop)
        bpy.context.view_layer.update()
        mesh = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
        co = np.empty(len(mesh.vertices) * 3, np.float32)
        mesh.vertices.foreach_get("co", co)
        counts.append(len(mesh.vertices))
        assert -co[2::3].min() == pytest.approx(backdrop or middle, rel=0.05)
    assert counts[1] > counts[0]


FAULTS = {
    "no image": lambda scene, camera: None,
    "zero-size image": lambda scene, camera: setattr(scene.sharpdepth, "image", _lost_image()),
    "orthographic camera": lambda scene, camera: setattr(camera.data, "type", "ORTHO"),
    "panoramic camera": lambda scene, camera: setattr(camera.data, "type", "PANO"),
    "camera without background": lambda scene, camera: setattr(
        scene.sharpdepth, "source", "CAMERA_BACKGROUND"
    ),
    "camera without clip": lambda scene, camera: setattr(
        scene.sharpdepth, "source", "MOVIE_CLIP"
    ),
    "no camera": lambda scene, camera: (
        setattr(scene, "camera", None), setattr(scene.sharpdepth, "source", "CAMERA_BACKGROUND")
    ),
    "model missing": lambda scene, camera: setattr(scene.sharpdepth, "model", "sharpdepth"),
}  # fmt: skip
SENTENCES = {
    "no image": "image",
    "zero-size image": "lost",
    "orthographic camera": "orthographic",
    "panoramic camera": "panoramic",
    "camera without background": "no background image",
    "camera without clip": "no movie clip",
    "no camera": "no camera",
    "model missing": "preferences",
}


def _lost_image():
    image = bpy.data.images.new("lost", 8, 8)
    image.source, image.filepath = "FILE", "/nowhere/lost.png"
    return image


@pytest.mark.parametrize("fault", FAULTS)
def test_a_clear_sentence_and_the_file_as_it_was(
    fault, scene, settings, picture, camera, tmp_path, monkeypatch
):
    monkeypatch.setenv("SHARPDEPTH_MODELS", str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    if fault not in ("no image", "zero-size image"):
        settings.image = picture
    settings.camera = "SCENE"
    FAULTS[fault](scene, camera)
    before = everything()
    with pytest.raises(RuntimeError, match=SENTENCES[fault]) as caught:
        bpy.ops.sharpdepth.generate()
    assert everything() == before
    sentence = str(caught.value).removeprefix("Error: ").strip()
    assert sentence.endswith(".") and "\n" not in sentence
    assert queue.error() == ""  # which pops up where the button was pressed, and only there
    # The button works again.
    camera.data.type, scene.camera = "PERSP", camera
    settings.source, settings.model, settings.image = "IMAGE", "preview", picture
    assert bpy.ops.sharpdepth.generate() == {"FINISHED"}


@pytest.mark.parametrize("kind", ["EMPTY", "LIGHT"])
@pytest.mark.parametrize("source", ["IMAGE", "CAMERA_BACKGROUND"])
def test_a_scene_camera_that_is_no_camera(kind, source, scene, settings, picture):
    data = bpy.data.lights.new("Lamp", "POINT") if kind == "LIGHT" else None
    scene.camera = bpy.data.objects.new("Lamp", data)
    settings.image, settings.source, settings.camera = picture, source, "SCENE"
    with pytest.raises(RuntimeError, match="Lamp is not a camera"):
        bpy.ops.sharpdepth.generate()


def test_a_file_that_comes_to_nothing_is_not_kept(settings, picture, tmp_path, monkeypatch):
    path = tmp_path / "photo.png"
    picture.filepath_raw, picture.file_format = str(path), "PNG"
    picture.save()
    settings.source = "MOVIE_CLIP"
    for wrong in (str(tmp_path / "nothing.png"), __file__, str(path)):
        monkeypatch.setenv("SHARPDEPTH_ENGINE", str(tmp_path / "nothing"))
        bpy.data.images.remove(bpy.data.images["Plate"]) if "Plate" in bpy.data.images else None
        before = everything()
        with pytest.raises(RuntimeError):
            bpy.ops.sharpdepth.generate(filepath=wrong)
        assert everything() == before
        assert settings.source == "MOVIE_CLIP" and settings.image is None


def test_the_engine_is_missing(settings, picture, tmp_path, monkeypatch):
    monkeypatch.setenv("SHARPDEPTH_ENGINE", str(tmp_path / "nothing"))
    settings.image = picture
    before = everything()
    with pytest.raises(RuntimeError, match="engine is not installed"):
        bpy.ops.sharpdepth.generate()
    assert everything() == before


def test_cancel_is_for_what_runs():
    assert not bpy.ops.sharpdepth.cancel.poll()


def test_preferences_without_an_entry_have_their_defaults():
    assert get_preferences().device == "auto" and get_preferences().idle_minutes > 0


def test_dropped_files_of_every_kind_that_is_read():
    endings = bpy.types.SHARPDEPTH_FH_picture.bl_file_extensions.split(";")
    assert {".png", ".jpg", ".exr", ".webp"} <= set(endings)  # Blender's own
    assert {".avif", ".gif", ".ppm", ".heic", ".heif"} <= set(endings)  # the engine's
