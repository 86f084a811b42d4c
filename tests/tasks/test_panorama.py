"""A panorama becomes one mesh around its camera, of views that the engine sees one by one."""

import time
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.api import begin_generate, begin_sequence
from sharpdepth_blender.geometry.panorama import directions_of
from sharpdepth_blender.geometry.panorama_views import panorama_views
from sharpdepth_blender.process.job import PictureResult, Progress
from sharpdepth_blender.scene import CameraError, remove_result
from sharpdepth_blender.scene.camera import panoramic_camera
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.result_marks import NORMALS
from sharpdepth_blender.scene.sequence import SequenceError
from sharpdepth_blender.scene.taken import Taken, seen_by
from sharpdepth_blender.scene.uids import find_by_uid
from sharpdepth_blender.tasks.previews import is_preview
from tests.geometry.test_panorama import box_length, scene
from tests.scene.sequence.shots import save_png
from tests.tasks.told_engine import Engine, answer, everything
from tests.tasks.told_frames import FileEngine

pytestmark = pytest.mark.usefixtures("registered")
RGB = scene()
HEIGHT, WIDTH = RGB.shape[:2]
SCALES = (1.1, 0.95, 1.0, 1.05, 0.92, 0.99)


def begin(make, options=(), **changes):
    return make(options, rgb=RGB, intrinsics=None, matrix=None, **changes)


def rays_of(view):
    """Directions of a view's pixels in the panorama's axes, 1 along its own axis, (h, w, 3)."""
    k = view.intrinsics
    x, y = np.meshgrid(
        (np.arange(k.width) + 0.5 - k.cx) / k.fx, (k.cy - np.arange(k.height) - 0.5) / k.fy
    )
    return np.stack([x, y, -np.ones_like(x)], -1) @ view.turn.T


def go_through(made, holes=None, skies=None, normals=None, notes=None, previews=True):
    """Answer each view by the true room, of a scale of its own, and what is told for each."""
    views = panorama_views(WIDTH)
    fractions = []
    for number, view in enumerate(2 * views):
        job, ahead, number = made.jobs[number], number < len(views), number % len(views)
        k = view.intrinsics
        assert job.request["rgb"].shape == (k.height, k.width, 3)
        assert job.request["intrinsics"] == tuple(k) and job.request["ahead"] == ahead
        depth = box_length(rays_of(view)) * np.float32(SCALES[number])
        job.report(Progress("decode", 0.5, "Decoding"))
        made.generation.step()
        assert made.generation.message == f"View {number + 1} of 6: Decoding"
        fractions.append(made.generation.fraction)
        told = {
            name: each[number]
            for name, each in (
                ("holes", holes), ("sky", skies), ("normals", normals), ("notes", notes)
            )
            if each is not None
        }  # fmt: skip
        job.finish(answer(depth=depth, metric_depth=depth, difference=0 * depth, **told))
        made.generation.step()
        assert previews or not made.generation._joining_early
    assert fractions == sorted(fractions) and fractions[6] > fractions[5] + 0.05
    while not made.generation.over:
        made.generation.step()
    assert made.generation.error is None
    return next(each for each in bpy.data.objects if each.session_uid == made.generation.result)


def shown(obj):
    """World positions, places in the picture and quads of what a result shows."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    mesh = obj.evaluated_get(depsgraph).data
    points = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", points)
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    uvs = np.empty(2 * len(corners), np.float32)
    mesh.uv_layers["UVMap"].uv.foreach_get("vector", uvs)
    points = points.reshape(-1, 3) @ np.array(obj.matrix_world.to_3x3()).T
    return points[corners], uvs.reshape(-1, 2), len(mesh.polygons)


def tell(made, number):
    """Answer a job by a view's depth, exact but for SCALES, and wait until it is shown."""
    view = number % len(SCALES)
    depth = box_length(rays_of(panorama_views(WIDTH)[view])) * np.float32(SCALES[view])
    made.jobs[number].finish(answer(depth=depth, metric_depth=depth, difference=0 * depth))
    made.generation.step()
    until = time.monotonic() + 20
    while made.generation._joining_early and time.monotonic() < until:
        made.generation.step()


def test_views_are_shown_as_their_metric_depth_is_known(make):
    """In one object, which grows around the camera and is sharpened in the end."""
    made = begin(make)
    scene = bpy.context.scene
    reach = []
    for number in range(len(SCALES)):
        tell(made, number)
        (obj,) = (each for each in scene.objects if each.type == "MESH")
        assert obj.session_uid == made.generation.result and is_preview(obj)
        at, uvs, _ = shown(obj)
        turn = (uvs[:, 0] - 0.5) * 2 * np.pi
        ahead = np.stack([np.sin(turn), np.cos(turn)]).T * np.cos((uvs[:, 1:] - 0.5) * np.pi)
        length = np.linalg.norm(at, axis=1)
        np.testing.assert_allclose(at[:, :2] / length[:, None], ahead, atol=1e-5)
        reach.append(np.ptp(uvs[:, 0]))
        if number == 0:
            truth = box_length(np.column_stack([at[:, 0], at[:, 2], -at[:, 1]]) / length[:, None])
            assert np.median(length / truth) == pytest.approx(SCALES[0], rel=0.02)
    assert reach[0] == pytest.approx(110 / 360, abs=0.02)  # around the middle of the picture
    assert reach[1] == pytest.approx(200 / 360, abs=0.02) and reach[3] > 0.99
    assert np.abs(uvs[:, 1] - 0.5).max() > 0.49  # up and down, too
    assert scene.camera.data.type == "PANO" and scene.render.resolution_x == WIDTH
    for number in range(6, 12):
        tell(made, number)
    while not made.generation.over:
        made.generation.step()
    assert made.generation.error is None and not is_preview(obj)
    assert [each for each in scene.objects if each.type == "MESH"] == [obj]
    assert tuple(obj.sharpdepth.depth.size) == (WIDTH, HEIGHT)
    assert len(bpy.data.images) == 2  # picture and depth; nothing of the previews is left


def test_views_that_are_sharpened_take_their_place_in_it(make):
    made = begin(make)
    for number in range(6):
        tell(made, number)
    obj = bpy.data.objects["Plate depth mesh"]
    before = image_values(obj.sharpdepth.depth)[..., 0]
    depth = 0.5 * box_length(rays_of(panorama_views(WIDTH)[0]))
    made.jobs[6].finish(answer(depth=depth, metric_depth=2 * depth, difference=0 * depth))
    made.generation.step()
    while made.generation._joining_early:
        made.generation.step()
    now = image_values(obj.sharpdepth.depth)[..., 0]
    middle = HEIGHT // 2, WIDTH // 2
    assert now[middle] < 0.9 * before[middle] and is_preview(obj)


def test_views_of_a_model_without_a_sharpener_are_inferred_once(make):
    made = begin(make, {"model": "metric"})
    for number in range(2):
        assert made.jobs[number].request["ahead"] is False
        tell(made, number)
        assert is_preview(bpy.data.objects["Plate depth mesh"])
        _, uvs, _ = shown(bpy.data.objects["Plate depth mesh"])
        assert np.ptp(uvs[:, 0]) == pytest.approx((110 + 90 * number) / 360, abs=0.02)
    for number in range(2, 6):
        tell(made, number)
    while not made.generation.over:
        made.generation.step()
    assert made.generation.error is None and len(made.jobs) == 6


@pytest.mark.parametrize("count", [1, 6, 7, 12])
def test_a_cancel_at_any_stage_leaves_nothing(count, make):
    """While views are looked at and sharpened, and while they are joined."""
    before = everything()
    made = begin(make)
    for number in range(count):
        tell(made, number)
    assert len(bpy.data.objects) == 2 and bool(made.generation._joining) == (count == 12)
    made.generation.cancel()
    assert made.generation.over and everything() == before
    assert not any(job.cancelled for job in made.jobs[:-1])
    assert bpy.context.scene.render.resolution_x == 1920


def test_a_preview_that_was_undone_comes_again_and_one_that_was_deleted_does_not(make):
    made = begin(make)
    tell(made, 0)
    remove_result(bpy.data.objects["Plate depth mesh"])
    made.generation.after_undo()
    tell(made, 1)
    assert is_preview(bpy.data.objects["Plate depth mesh"])
    bpy.data.objects.remove(bpy.data.objects["Plate depth mesh"])
    tell(made, 2)
    assert "because its preview mesh was deleted" in made.generation.error


@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_a_panorama_is_a_closed_mesh_around_a_panoramic_camera(make, unit):
    bpy.context.scene.unit_settings.scale_length = unit
    obj = go_through(begin(make))
    at, (u, v), _ = (each.T if number == 1 else each for number, each in enumerate(shown(obj)))
    at = at * unit
    turn, up = (u - 0.5) * 2 * np.pi, (v - 0.5) * np.pi
    wanted = np.stack([np.cos(up) * np.sin(turn), np.cos(up) * np.cos(turn), np.sin(up)], -1)
    np.testing.assert_allclose(
        at / np.linalg.norm(at, axis=1, keepdims=True), wanted, atol=1e-5
    )  # the middle of the picture is along +y, upright
    truth = box_length(wanted @ np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]))
    assert np.abs(np.linalg.norm(at, axis=1) / truth - 1).mean() < 0.04  # SCALES are off by 0.05
    camera = bpy.context.scene.camera
    assert camera.data.type == "PANO" and camera.matrix_world == obj.matrix_world
    assert not camera.data.background_images
    assert "6 views" in obj.sharpdepth.notes
    render = bpy.context.scene.render
    assert (render.resolution_x, render.resolution_y) == (WIDTH, HEIGHT)


def test_holes_of_one_view_are_open(make):
    sides = [view.intrinsics.width for view in panorama_views(WIDTH)]
    holes = [None] * len(sides)  # as the engine tells that there are none
    holes[0] = np.zeros((sides[0], sides[0]), bool)
    middle = slice(sides[0] * 2 // 5, sides[0] * 3 // 5)
    holes[0][middle, middle] = True
    obj = go_through(begin(make), holes=holes)
    _, uvs, _ = shown(obj)
    assert np.abs(uvs - 0.5).max(1).min() > 0.02  # nothing in the middle of the picture
    depth = image_values(obj.sharpdepth.depth)[..., 0]
    assert depth[HEIGHT // 2, WIDTH // 2] == 0 and (depth > 0).mean() > 0.95


def test_the_sky_lies_behind_and_can_be_dropped(make):
    views = panorama_views(WIDTH)
    skies = []
    for view in views:
        rays = rays_of(view)
        skies.append(np.float32(rays[..., 1] > 0.8 * np.linalg.norm(rays, axis=-1)))
    obj = go_through(begin(make), skies=skies)
    modifier = find_modifier(obj)
    far, backdrop = (get_input(modifier, name) for name in ("Far", "Backdrop"))
    at, uvs, whole = shown(obj)
    above = uvs[:, 1] > 0.85
    np.testing.assert_allclose(np.linalg.norm(at[above], axis=1), backdrop, rtol=1e-4)
    assert np.linalg.norm(at[uvs[:, 1] < 0.7], axis=1).max() < far < backdrop
    set_input(modifier, "Backdrop", 0.0)
    obj.update_tag()
    _, uvs, left = shown(obj)
    assert left < whole and uvs[:, 1].max() < 0.85


def test_it_is_told_of_which_views_a_note_is(make):
    all_of_them, some, one = "It was all small.", "It is open in 3%.", "It is open in 7%."
    notes = [[all_of_them], [all_of_them, some], *[[all_of_them]] * 2, [all_of_them, some]]
    obj = go_through(begin(make), notes=[*notes, [one, all_of_them]])
    first, second, third = obj.sharpdepth.notes.splitlines()[-3:]
    assert (first, second, third) == (all_of_them, f"Views 2, 5: {some}", f"View 6: {one}")


def test_normals_are_those_of_the_room(make):
    views = panorama_views(WIDTH)
    told = []
    for view in views:
        inwards = room_normals(rays_of(view))
        told.append(np.float32(inwards @ view.turn * (1, -1, -1)))
    obj = go_through(begin(make), normals=told)
    found = image_values(obj[NORMALS])[..., :3]
    wanted = room_normals(directions_of(WIDTH, HEIGHT))
    assert np.median((found * wanted).sum(-1)) > 0.9999
    assert ((found * wanted).sum(-1) > 0.99).mean() > 0.95  # but for the creases


def room_normals(directions):
    """Inwards unit normals of the room in the axes of the directions."""
    with np.errstate(divide="ignore"):
        far = [
            np.where(directions[..., axis] > 0, high, low) / directions[..., axis]
            for axis, (low, high) in enumerate([(-2, 4), (-1.2, 1.8), (-5, 3)])
        ]
    axis = np.argmin(far, 0)
    return -np.eye(3)[axis] * np.sign(np.take_along_axis(directions, axis[..., None], -1))


def test_points_are_honored(make):
    obj = go_through(begin(make, {"output": "Points"}))
    assert obj.name == "Plate depth points"
    assert get_input(find_modifier(obj), "Output") == "Points"


def test_again_replaces_and_keeps_what_was_set(make, tmp_path):
    path = str(tmp_path / "around.png")
    taken = {"taken": Taken(path=path)}
    first = go_through(begin(make, **taken))
    set_input(find_modifier(first), "Tear Ratio", 1.5)
    first.location.x = 3.0
    bpy.context.view_layer.update()
    again = begin(make, **taken)
    second = go_through(again, previews=False)
    assert second == first and get_input(find_modifier(first), "Tear Ratio") == 1.5
    assert len([each for each in bpy.data.objects if each.type == "MESH"]) == 1
    assert len([each for each in bpy.data.objects if each.type == "CAMERA"]) == 1
    assert bpy.context.scene.camera.data.type == "PANO"
    plate = make({"fov": 60.0}, rgb=RGB, intrinsics=None, matrix=None, **taken)
    flat = np.ones((HEIGHT, WIDTH), np.float32)
    plate.jobs[0].finish(answer(depth=flat, metric_depth=flat, difference=0 * flat))
    while not plate.generation.over:
        plate.generation.step()
    assert plate.generation.error is None
    assert len([each for each in bpy.data.objects if each.type == "MESH"]) == 2


def test_with_a_field_of_view_it_is_a_plate(make):
    made = begin(make, path=None)
    assert len(made.jobs) == 1 and made.jobs[0].request["rgb"].shape[0] != HEIGHT
    plate = make({"fov": 60.0}, rgb=RGB, intrinsics=None, matrix=None)
    assert plate.jobs[0].request["rgb"].shape == RGB.shape


def test_who_says_that_it_is_a_panorama_is_believed(make):
    """A wall may end at the picture's edge, where it cannot be told from a plate."""
    rgb = RGB.copy()
    rgb[:, : WIDTH // 8] = 0
    alone = {"rgb": rgb, "intrinsics": None, "matrix": None}
    plate = make(**alone)
    assert plate.jobs[0].request["rgb"].shape == RGB.shape
    assert any("New Panoramic Camera" in note for note in plate.generation._shot.notes)
    around = make({"fov": 360.0}, **alone)
    go_through(around)
    assert not any("edges do not meet" in note for note in around.generation._shot.notes)
    for refused, why in (
        (lambda: make({"fov": 360.0}), "twice as wide as high, and Plate has 60 x 40 pixels"),
        (
            lambda: make({"fov": 360.0, "metric_depth": np.ones(RGB.shape[:2])}, **alone),
            "what was measured is of a perspective picture",
        ),
    ):
        with pytest.raises(CameraError, match=why):
            refused()


@pytest.mark.parametrize("says", [False, True])
def test_what_the_file_says_goes_before_its_edges_and_its_focal_length(make, says, tmp_path):
    """A 360 degree camera writes one, too; and a wall may end at the picture's edge."""
    rgb = RGB.copy()
    rgb[:, : WIDTH // 8] = 0
    for shown, is_around in ((rgb, says), (RGB, True)):
        made = make(rgb=shown, intrinsics=None, matrix=None, path=str(tmp_path / "a.jpg"))
        made.jobs[0].finish(PictureResult(False, 35.0, [], around=says))
        made.generation.step()
        assert (made.jobs[1].request["rgb"].shape != RGB.shape) == is_around


class Reading(FileEngine, Engine):
    """Reads files at once, and keeps the jobs of the model."""


def test_a_sequence_of_panoramas_says_so_before_anything_is_computed(tmp_path):
    for number in (1, 2):
        save_png(tmp_path / f"a.{number:04d}.png", RGB)
    source = str(tmp_path / "a.####.png")
    engine = Reading()
    with pytest.raises(SequenceError, match="panoramas go one by one"):
        begin_sequence(source, tmp_path / "out", fov=360, engine=engine)
    work = begin_sequence(source, tmp_path / "out", engine=engine)
    while not work.over:
        work.step()
    assert "Frame 1 of a.0001 is a panorama" in work.error and not engine.jobs
    plate = begin_sequence(source, tmp_path / "plate", fov=60, engine=engine)
    while not engine.jobs:
        plate.step()
    assert plate.error is None


def test_a_cancel_leaves_nothing(make):
    before = len(bpy.data.objects)
    made = begin(make)
    made.generation.cancel()
    assert made.jobs[0].cancelled and made.generation.over
    assert len(bpy.data.objects) == before


def test_directions_are_those_of_the_room():
    """The helper of the tests and the mesh agree on what is ahead."""
    middle = directions_of(WIDTH, HEIGHT)[HEIGHT // 2, WIDTH // 2]
    np.testing.assert_allclose(middle, (0, 0, -1), atol=0.02)


def test_a_panoramic_camera_of_the_users_has_it_around_itself(tmp_path):
    save_png(tmp_path / "a.png", RGB)
    scene = bpy.context.scene
    camera = panoramic_camera("Mine")
    camera.matrix_world = Matrix.LocRotScale((1, 2, 3), Matrix.Rotation(0.4, 3, "X"), (2, 2, 2))
    scene.collection.objects.link(camera)
    bpy.context.view_layer.update()
    engine = Engine()
    found = []
    for _ in range(2):
        work = begin_generate(str(tmp_path / "a.png"), scene, camera=camera, engine=engine)
        engine.jobs.pop().finish(PictureResult(False, 35.0, []))
        work.step()
        assert go_through(SimpleNamespace(generation=work, jobs=engine.jobs))
        engine.jobs.clear()
        found.append(find_by_uid(bpy.data.objects, work.result))
        np.testing.assert_allclose(found[-1].matrix_world, camera.matrix_world.normalized())
    assert found[0] == found[1] and seen_by(found[0]) == camera
    assert [each.name for each in bpy.data.objects if each.type == "CAMERA"] == ["Mine"]
    panoramic = camera.data if hasattr(camera.data, "panorama_type") else camera.data.cycles
    panoramic.latitude_max = 0.5
    with pytest.raises(CameraError, match="Mine is panoramic; depth needs a perspective camera"):
        begin_generate(str(tmp_path / "a.png"), scene, camera=camera, engine=engine)
