"""A generation, step by step, with an engine whose every word the test says."""

import threading
import time

import bpy
import numpy as np
import pytest
from mathutils import Vector

from sharpdepth_blender.geometry import Intrinsics, build_surface
from sharpdepth_blender.process import JobError
from sharpdepth_blender.process.job import PictureResult, Progress
from sharpdepth_blender.scene import bake_result, fit_depth_values
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.plates import display, read_image
from sharpdepth_blender.scene.stored_depth import store_depth
from sharpdepth_blender.tasks import generate as room
from sharpdepth_blender.tasks import measured_files, prepared
from sharpdepth_blender.tasks.measured_files import DepthFile
from sharpdepth_blender.tasks.previews import is_preview, remove_previews
from tests.tasks.told_engine import (
    CAMERA,
    HEIGHT,
    MATRIX,
    WIDTH,
    answer,
    depths,
    early,
    everything,
    vertices,
)

pytestmark = pytest.mark.usefixtures("registered")


def test_from_the_picture_to_the_result(make):
    made = make()
    generation, (job,) = made.generation, made.jobs
    assert job.request["intrinsics"] == (50, 50, 30, 20) and job.request["model"] == "preview"
    generation.step()
    assert not generation.over and generation.fraction == 0 and not bpy.data.objects

    job.report(Progress("metric_depth", 0.0, "Estimating metric depth"))
    generation.step()
    assert generation.message == "Estimating metric depth" and generation.seconds_left is None

    job.report(early())
    generation.step()
    (obj,) = bpy.context.scene.objects
    assert obj.matrix_world == MATRIX and generation.fraction == 0.2
    assert generation.seconds_left >= 0
    np.testing.assert_allclose(obj.sharpdepth.depth.size, (WIDTH, HEIGHT))
    assert obj.sharpdepth.depth == obj.sharpdepth.metric_depth

    job.finish(answer())
    generation.step()
    assert generation.over and generation.error is None
    assert [*bpy.context.scene.objects] == [obj]
    assert obj.session_uid == generation.result
    kept = obj.sharpdepth
    assert (kept.scale, kept.shift, kept.model, kept.device) == (2.0, -0.5, "preview", "cpu")
    assert kept.notes == "Noted before.\nNoted by the engine."
    remove_previews([])
    assert obj.name in bpy.data.objects
    bake_result(obj)
    co = np.empty(len(obj.data.vertices) * 3, np.float32)
    obj.data.vertices.foreach_get("co", co)
    surface = build_surface(depths()[0], CAMERA, keep_loose=False)
    np.testing.assert_array_equal(co.reshape(-1, 3), surface.vertices)


def test_a_large_picture_has_a_small_preview(make):
    rgb = np.zeros((700, 1000, 3), np.uint8)
    made = make(rgb=rgb, intrinsics=Intrinsics(900, 900, 500, 350, 1000, 700))
    depth = np.full((700, 1000), 2, np.float32)
    made.jobs[0].report(Progress("encode_picture", 0.2, "", depth, (900, 900, 500, 350)))
    made.generation.step()
    assert {max(image.size) for image in bpy.data.images} == {384}
    made.jobs[0].finish(answer(depth=depth, metric_depth=depth))
    made.generation.step()
    assert {tuple(image.size) for image in bpy.data.images} == {(1000, 700)}
    assert made.generation.error is None


@pytest.mark.parametrize("bent", [False, True])
def test_a_large_depth_is_prepared_beside_the_main_thread(bent, make, monkeypatch):
    """Until it is, steps are short and there is no result; a fault of it ends the generation."""
    may_go_on, threads = threading.Event(), []

    def store(*maps):
        threads.append(threading.current_thread())
        may_go_on.wait(20)
        if bent:
            raise MemoryError("out of memory")
        return store_depth(*maps)

    monkeypatch.setattr(room, "_FELT", WIDTH * HEIGHT - 1)
    monkeypatch.setattr(prepared, "store_depth", store)
    made = make()
    made.jobs[0].finish(answer())
    for _ in range(3):
        made.generation.step()
        assert not made.generation.over and not bpy.data.objects
    may_go_on.set()
    made.generation.run()
    assert len(threads) == 1 and threads[0] is not threading.main_thread()
    assert len(bpy.data.objects) == (0 if bent else 1)
    assert bool(made.generation.error) == bent


@pytest.mark.parametrize("wrong", [False, True])
def test_a_large_depth_map_is_fitted_beside_the_main_thread(wrong, make, monkeypatch, tmp_path):
    """Before the engine is asked; a map of other proportions ends the generation."""
    may_go_on, threads = threading.Event(), []

    def fit(*values):
        threads.append(threading.current_thread())
        may_go_on.wait(20)
        return fit_depth_values(*values)

    monkeypatch.setattr(room, "_FELT", WIDTH * HEIGHT // 4 - 1)
    monkeypatch.setattr(measured_files, "fit_depth_values", fit)
    size = (HEIGHT, WIDTH // 4) if wrong else (HEIGHT // 2, WIDTH // 2)
    np.save(tmp_path / "lidar.npy", np.full(size, 3.0))
    made = make({"metric_depth": DepthFile(tmp_path / "lidar.npy")}.items())
    for _ in range(3):
        made.generation.step()
        assert not made.generation.over and not made.jobs
    may_go_on.set()
    while not (made.jobs or made.generation.over):
        made.generation.step()
        time.sleep(0.001)
    assert len(threads) == 1 and threads[0] is not threading.main_thread()
    if wrong:
        assert "lidar.npy is of 15 x 40 pixels" in made.generation.error
        return
    np.testing.assert_array_equal(
        made.jobs[0].request["metric_depth"], np.full((HEIGHT, WIDTH), 3, np.float32)
    )


@pytest.mark.parametrize("first", ["file", "pixels"])
def test_a_large_picture_is_read_while_the_engine_reads_its_file(first, make, monkeypatch):
    scene = bpy.context.scene
    monkeypatch.setattr(display, "_FELT", 64)
    pixels = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 4)) / 255
    pixels[..., 3] = 1
    pixels[4, 5, 3] = 0
    image = bpy.data.images.new("Plate", WIDTH, HEIGHT, alpha=True)
    image.pixels.foreach_set(pixels[::-1].astype(np.float32).ravel())
    want = read_image(image, scene)
    plate = read_image(image, scene, at_once=False)
    path = "plate.png" if first == "file" else None
    made = make(rgb=plate.rgb, texture=image, display=plate.display, path=path)
    task = made.generation
    if first == "file":
        (job,) = made.jobs
        assert job.request["type"] == "picture" and job.request["shown"]
        job.finish(PictureResult(False, 30.0, ["Of the file."]))
    steps = 0
    while not (jobs := [each for each in made.jobs if each.request["type"] == "infer"]):
        task.step()
        steps += 1
        time.sleep(0.001)
        assert steps < 10_000
    np.testing.assert_array_equal(jobs[0].request["rgb"], want.rgb)
    jobs[0].finish(answer())
    while not task.over:
        task.step()
    assert not task.error
    notes = bpy.data.objects["Plate depth mesh"].sharpdepth.notes
    assert want.notes[0] in notes and ("Of the file." in notes) == (first == "file")
    assert get_input(find_modifier(bpy.data.objects["Plate depth mesh"]), "Picture") == image


@pytest.mark.parametrize("has_depth", [False, True])
def test_depth_in_a_telephones_picture_is_offered_and_taken(has_depth, make):
    path, depth = "/pictures/phone.heic", np.full((HEIGHT // 2, WIDTH // 2), 3, np.float32)
    offered = make(path=path)
    offered.jobs[0].finish(PictureResult(False, None, [], None, None, depth if has_depth else None))
    offered.generation.step()
    offered.jobs[1].finish(answer())
    offered.generation.run()
    notes = bpy.data.objects["Plate depth mesh"].sharpdepth.notes
    assert ("phone.heic holds depth that its camera measured" in notes) == has_depth

    taken = make(path=path, options={"metric_depth": DepthFile(path)}.items())
    of_map, of_picture = taken.jobs
    assert of_map.request["path"] == of_picture.request["path"] == path
    of_picture.finish(PictureResult(False, None, []))
    taken.generation.step()
    taken.generation.step()
    assert len(taken.jobs) == 2  # until the depth is there
    of_map.finish(PictureResult(False, None, [], None, None, depth if has_depth else None))
    taken.generation.step()
    if has_depth:
        given = taken.jobs[2].request["metric_depth"]
        np.testing.assert_array_equal(given, np.full((HEIGHT, WIDTH), 3, np.float32))
        assert not taken.generation.over
    else:
        assert taken.generation.error == f"{path} holds no depth that says how far it is."


def test_a_large_picture_that_is_removed_before_it_is_read_is_an_error(make, monkeypatch):
    monkeypatch.setattr(display, "_FELT", 64)
    image = bpy.data.images.new("Plate", WIDTH, HEIGHT)
    plate = read_image(image, bpy.context.scene, at_once=False)
    made = make(rgb=plate.rgb, texture=image, display=plate.display)
    bpy.data.images.remove(image)
    made.generation.run()
    assert made.generation.error == "The image Plate was changed while it was read."
    assert not made.jobs


@pytest.mark.parametrize("end", ["finished", "cancelled", "deleted"])
def test_each_image_of_a_large_depth_is_a_step(end, make, monkeypatch):
    monkeypatch.setattr(room, "_FELT", WIDTH * HEIGHT - 1)
    before = everything()
    made = make()
    made.jobs[0].finish(answer())
    while len(bpy.data.images) < 2:
        made.generation.step()
        assert not bpy.data.objects
    if end == "cancelled":
        made.generation.cancel()
        assert everything() == before
        return
    if end == "deleted":  # as by undo
        bpy.data.batch_remove([*bpy.data.images])
    made.generation.step()
    assert made.generation.over and made.generation.error is None
    (obj,) = bpy.data.objects
    assert len(bpy.data.images) == 3  # with the picture
    kept = obj.sharpdepth
    for image, depth in zip((kept.depth, kept.metric_depth), depths(), strict=True):
        np.testing.assert_array_equal(image_values(image)[..., 0], depth)
    assert [kept.depth.name, kept.metric_depth.name] == ["Plate depth", "Plate metric depth"]


def test_a_result_that_comes_at_once_needs_no_preview(make):
    made = make()
    made.jobs[0].report(early())
    made.jobs[0].finish(answer())
    made.generation.step()
    assert made.generation.over and len(bpy.data.objects) == 1


def test_the_users_image_is_the_texture(make):
    image = bpy.data.images.new("Mine", WIDTH, HEIGHT)
    made = make(texture=image)
    made.jobs[0].report(early())
    made.generation.step()
    made.jobs[0].finish(answer())
    made.generation.step()
    assert get_input(find_modifier(bpy.data.objects[0]), "Picture") == image
    assert len(bpy.data.images) == 3


def test_an_unknown_camera_is_asked_of_the_file_and_then_of_the_model(make):
    made = make(intrinsics=None, matrix=None, path="/picture.jpg")
    generation, (reading,) = made.generation, made.jobs
    assert reading.request == {"type": "picture", "path": "/picture.jpg", "shown": True}
    generation.step()
    reading.finish(PictureResult(False, 28.0, []))
    generation.step()
    job = made.jobs[1]
    expected = Intrinsics.from_focal_35mm(28, WIDTH, HEIGHT)
    assert job.request["intrinsics"] == pytest.approx((expected.fx, expected.fy, 30, 20))
    job.finish(answer(intrinsics=job.request["intrinsics"]))
    generation.step()
    camera = bpy.context.scene.camera
    assert camera.data.background_images[0].image.size[:] == (WIDTH, HEIGHT)


def test_a_file_that_the_engine_cannot_read_has_no_exif(make):
    made = make(intrinsics=None, matrix=None, path="/picture.exr", pixel_aspect=2.0)
    made.jobs[0].finish(JobError("unknown_format", "It is no picture."))
    made.generation.step()
    job = made.jobs[1]
    assert job.request["intrinsics"] is None
    job.report(early((80, 45, 33, 18)))
    made.generation.step()
    job.finish(answer(intrinsics=(80, 45, 33, 18)))
    made.generation.step()
    modifier = find_modifier(bpy.data.objects["Plate depth mesh"])
    fx, fy = (get_input(modifier, f"Focal Length {axis}") for axis in "XY")
    # One focal length for both, in pixels twice as high as they are wide.
    assert fx == pytest.approx(2 * fy) and fx * fy == pytest.approx(80 * 45)


def test_what_blender_cannot_show_and_the_engine_cannot_read(make):
    made = make(rgb=None, intrinsics=None, matrix=None, path="/picture.abc")
    assert made.jobs[0].request["shown"] is False
    made.jobs[0].finish(JobError("unknown_format", "picture.abc is not a picture."))
    made.generation.step()
    assert made.generation.error == "picture.abc is not a picture."
    assert made.generation.fault.kind == "bad_image" and len(made.jobs) == 1


def test_a_damaged_file_is_an_error_whatever_blender_shows(make):
    made = make(path="/picture.jpg")
    made.jobs[0].finish(JobError("bad_image", "picture.jpg is cut short."))
    made.generation.step()
    assert made.generation.error == "picture.jpg is cut short." and len(made.jobs) == 1


@pytest.mark.parametrize("known", [False, True])
def test_a_turned_file_is_upright_unless_its_camera_shows_it_turned(make, known):
    image = bpy.data.images.new("Plate", WIDTH, HEIGHT)
    camera = {} if known else {"intrinsics": None, "matrix": None}
    made = make(path="/picture.jpg", texture=image, **camera)
    upright = np.full((WIDTH, HEIGHT, 3), 7, np.uint8)
    made.jobs[0].finish(PictureResult(True, 28.0, ["Noted by the reader."], upright))
    made.generation.step()
    request = made.jobs[1].request
    depth = np.full(request["rgb"].shape[:2], 2, np.float32)
    made.jobs[1].finish(
        answer(depth=depth, metric_depth=depth, intrinsics=(50, 50, HEIGHT / 2, WIDTH / 2))
    )
    made.generation.step()
    assert made.generation.error is None
    obj = bpy.data.objects["Plate depth mesh"]
    shown = get_input(find_modifier(obj), "Picture")
    if known:
        assert request["rgb"].shape == (HEIGHT, WIDTH, 3) and shown == image
        assert "not turned upright" in obj.sharpdepth.notes
    else:
        np.testing.assert_array_equal(request["rgb"], upright)
        assert tuple(shown.size) == (HEIGHT, WIDTH) and shown.packed_file
        assert "Noted by the reader." in obj.sharpdepth.notes


def test_converted_colors_reach_model_and_mesh_under_a_known_camera(make):
    image = bpy.data.images.new("Plate", WIDTH, HEIGHT)
    made = make(path="/picture.jpg", texture=image, flip=(True, False))
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    rgb[:, :10] = 200
    made.jobs[0].finish(PictureResult(False, None, [], rgb))
    made.generation.step()
    np.testing.assert_array_equal(made.jobs[1].request["rgb"], rgb[:, ::-1])
    made.jobs[1].finish(answer())
    made.generation.step()
    shown = get_input(find_modifier(bpy.data.objects["Plate depth mesh"]), "Picture")
    np.testing.assert_array_equal(np.rint(image_values(shown)[..., :3] * 255), rgb[:, ::-1])


@pytest.mark.parametrize("by", ["camera", "numbers", "focal length"])
def test_a_picture_that_is_read_smaller_keeps_its_lens(by, make):
    """Pixels that somebody counted in the file count fewer in what is used."""
    changes, options = {}, {}
    if by != "camera":
        changes = {"intrinsics": None, "matrix": None}
    if by == "numbers":
        options = {"intrinsics": (100, 100, 60, 40)}
    points = np.array([[60, 40, 3.0], [119, 0, 2.0]])
    options["metric_points"] = points
    made = make(path="/picture.jpg", options=options, **changes)
    rgb = np.zeros((HEIGHT // 2, WIDTH // 2, 3), np.uint8)
    focal = 28 if by == "focal length" else None
    note = "picture.jpg has 60 x 40 pixels and is used at 30 x 20."
    made.jobs[0].finish(PictureResult(False, focal, [note], rgb, [WIDTH * 2, HEIGHT * 2]))
    made.generation.step()
    asked = made.jobs[1].request
    assert asked["rgb"].shape == rgb.shape
    if by == "focal length":
        expected = Intrinsics.from_focal_35mm(28, WIDTH // 2, HEIGHT // 2)
        assert asked["intrinsics"][0] == pytest.approx(expected.fx)
    else:
        assert asked["intrinsics"] == (25, 25, 15, 10)
    np.testing.assert_allclose(asked["metric_points"], [[15, 10, 3], [29.75, 0, 2]])


def test_an_empty_scene_renders_the_picture_and_others_stay(make):
    render = bpy.context.scene.render
    before = render.resolution_x, render.resolution_y
    made = make(intrinsics=None, matrix=None)
    made.jobs[0].report(early())
    made.generation.step()
    assert (render.resolution_x, render.resolution_y) == (WIDTH, HEIGHT)
    made.generation.cancel()
    assert (render.resolution_x, render.resolution_y) == before
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Other", None))
    made = make(intrinsics=None, matrix=None)
    made.jobs[0].finish(answer())
    made.generation.step()
    assert (render.resolution_x, render.resolution_y) == before


@pytest.mark.parametrize("where", ["around", "beside", "hidden", "flat", "known camera"])
def test_a_new_camera_inside_something_is_told(where, make):
    """As inside the cube of Blender's factory scene, where one would see nothing else."""
    bpy.ops.mesh.primitive_cube_add(location=(3, 0, 0) if where == "beside" else (0, 0, 0))
    cube = bpy.context.object
    cube.scale.z = 0 if where == "flat" else 1
    cube.hide_set(where == "hidden")
    bpy.context.view_layer.update()
    made = make(**({} if where == "known camera" else {"matrix": None, "intrinsics": None}))
    made.jobs[0].finish(answer())
    made.generation.run()
    notes = bpy.data.objects["Plate depth mesh"].sharpdepth.notes
    told = "The new camera stands inside Cube, which hides the picture from it" in notes
    assert told == (where == "around")


def test_a_new_camera_is_leveled_by_the_floor_and_a_known_one_stays(make):
    """A floor 1.5 m below a camera that looks down by 20 degrees, with nothing on it."""
    v = (np.arange(HEIGHT) + 0.5 - 20) / 50
    slope = np.cos(np.radians(20)) * v + np.sin(np.radians(20))
    depth = np.where(slope > 0.02, 1.5 / np.maximum(slope, 0.02), 0).astype(np.float32)
    depth = np.repeat(depth[:, None], WIDTH, axis=1)
    made = make(intrinsics=None, matrix=None)
    made.jobs[0].report(Progress("encode_picture", 0.2, "", depth, (50, 50, 30, 20)))
    made.generation.step()
    made.jobs[0].finish(answer(depth=depth, metric_depth=depth))
    made.generation.step()
    obj, camera = bpy.data.objects["Plate depth mesh"], bpy.context.scene.camera
    assert camera.matrix_world.translation.z == pytest.approx(1.5, rel=1e-3)
    assert obj.matrix_world == camera.matrix_world
    ahead = camera.matrix_world.to_3x3() @ Vector((0, 0, -1))
    assert np.degrees(np.arcsin(ahead.z)) == pytest.approx(-20, abs=0.1)
    assert obj.sharpdepth.notes.count("leveled by the floor") == 1
    made = make()
    made.jobs[0].finish(answer(depth=depth, metric_depth=depth))
    made.generation.step()
    uid = made.generation.result
    known = next(each for each in bpy.data.objects if each.session_uid == uid)
    assert known.matrix_world == MATRIX and "leveled" not in known.sharpdepth.notes


STAGES = ("waiting", "reading", "working", "preview")


def bring_to(stage, make):
    """A generation at a stage, and the file as it was before."""
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Other", None))
    before = everything()
    made = make(
        **({"intrinsics": None, "matrix": None, "path": "/a"} if stage == "reading" else {})
    )
    if stage in ("working", "preview"):
        made.jobs[0].report(Progress("metric_depth", 0.0, "Estimating"))
    if stage == "preview":
        made.jobs[0].report(early())
    made.generation.step()
    assert (everything() != before) == (stage == "preview")
    return made, before


@pytest.mark.parametrize("stage", STAGES)
def test_cancel_leaves_the_file_as_it_was(stage, make):
    made, before = bring_to(stage, make)
    made.generation.cancel()
    assert everything() == before
    assert made.generation.over and made.generation.error is None and made.jobs[0].cancelled


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    "error",
    [
        JobError("child_died", "The engine died.", "last words"),
        JobError("out_of_memory", "There is not enough memory for this picture."),
        JobError("engine_missing", "The engine is not installed."),
    ],
    ids=lambda error: error.kind,
)
def test_a_fault_of_the_engine_leaves_the_file_as_it_was(stage, error, make):
    made, before = bring_to(stage, make)
    made.jobs[-1].finish(error)
    made.generation.step()
    assert everything() == before
    assert made.generation.over and made.generation.error == error.message
    assert made.generation.log == error.log


def test_a_fault_of_ours_ends_it(make, monkeypatch, capsys):
    made, before = bring_to("preview", make)
    monkeypatch.setattr(room, "replace_depth", lambda *_, **__: 1 / 0)
    made.jobs[0].finish(answer())
    made.generation.step()
    assert "ZeroDivisionError" in made.generation.error and made.generation.over
    assert "Traceback" in capsys.readouterr().err
    assert everything() == before


@pytest.mark.parametrize("how", ["object", "scene", "scene early", "baked"])
def test_what_is_gone_meanwhile(how, make):
    other = bpy.data.scenes.new("Other")
    made, before = bring_to("working" if how == "scene early" else "preview", make)
    scene = bpy.context.scene
    if how == "object":
        bpy.data.objects.remove(bpy.data.objects["Plate depth mesh"])
    elif how == "baked":
        bake_result(bpy.data.objects["Plate depth mesh"])
    else:
        for window in bpy.context.window_manager.windows:
            window.scene = other
        for obj in [*scene.objects]:
            bpy.data.objects.remove(obj)
        bpy.data.scenes.remove(scene)
    made.jobs[0].finish(answer())
    made.generation.step()
    assert made.generation.over
    assert "Plate" in made.generation.error
    # Which is the user's own by then.
    assert ("Plate depth mesh" in bpy.data.objects) == (how == "baked")


def test_a_preview_that_is_undone_meanwhile_does_not_lose_the_result(make):
    made, _ = bring_to("preview", make)
    assert is_preview(bpy.data.objects["Plate depth mesh"])
    bpy.data.objects.remove(bpy.data.objects["Plate depth mesh"])
    made.generation.after_undo()
    made.jobs[0].finish(answer())
    made.generation.step()
    assert made.generation.error is None and not is_preview(bpy.data.objects["Plate depth mesh"])


def test_the_names_are_those_of_the_result(make):
    made, _ = bring_to("preview", make)
    made.jobs[0].finish(answer())
    made.generation.step()
    assert sorted(image.name for image in bpy.data.images) == [
        "Plate depth", "Plate metric depth", "Plate picture",
    ]  # fmt: skip


def test_a_picture_that_goes_meanwhile(make):
    image = bpy.data.images.new("Mine", WIDTH, HEIGHT)
    made = make(texture=image)
    made.jobs[0].report(early())
    made.generation.step()
    bpy.data.images.remove(image)
    made.jobs[0].finish(answer())
    made.generation.step()
    assert made.generation.error is None
    obj = bpy.data.objects["Plate depth mesh"]
    assert get_input(find_modifier(obj), "Picture").size[0] == WIDTH


def test_a_picture_that_the_user_put_there_meanwhile(make):
    made, _ = bring_to("preview", make)
    other = bpy.data.images.new("Other", 8, 8)
    other.use_fake_user = True
    set_input(find_modifier(bpy.data.objects["Plate depth mesh"]), "Picture", other)
    made.jobs[0].finish(answer())
    made.generation.step()
    assert made.generation.error is None and other.users == 2
    assert get_input(find_modifier(bpy.data.objects["Plate depth mesh"]), "Picture") == other


def test_an_engine_that_is_closed_meanwhile_is_no_cancel_of_the_users(make):
    made, before = bring_to("preview", make)
    made.jobs[0].finish(JobError("cancelled", "The job was cancelled."))
    made.generation.step()
    assert "closed" in made.generation.error and everything() == before


def test_a_preview_that_undo_brings_back_goes(make):
    made, before = bring_to("preview", make)
    remove_previews([made.generation])
    assert "Plate depth mesh" in bpy.data.objects
    remove_previews([])
    assert everything() == before


def test_two_at_once_do_not_meet(make):
    one, two = make(), make(name="Second")
    one.jobs[0].report(early())
    two.jobs[0].report(early())
    one.generation.step(), two.generation.step()
    two.jobs[0].finish(answer(scale=7.0))
    two.generation.step()
    one.generation.cancel()
    assert [obj.name for obj in bpy.data.objects] == ["Second depth mesh"]
    assert bpy.data.objects["Second depth mesh"].sharpdepth.scale == 7


def test_saved_and_opened_again(make, tmp_path):
    made = make()
    made.jobs[0].finish(answer())
    made.generation.step()
    before = vertices("Plate depth mesh")
    path = str(tmp_path / "a.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    obj = bpy.data.objects["Plate depth mesh"]
    assert obj.sharpdepth.scale == 2 and obj.sharpdepth.depth.size[:] == (WIDTH, HEIGHT)
    assert vertices("Plate depth mesh") == before > 100
    assert not obj.sharpdepth.lit
    obj.sharpdepth.lit = True
    assert obj.sharpdepth.lit
