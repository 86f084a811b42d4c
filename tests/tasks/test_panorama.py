"""A panorama becomes one mesh around its camera, of views that the engine sees one by one."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry.panorama import directions_of, panorama_views
from sharpdepth_blender.process.job import Progress
from sharpdepth_blender.scene import read_depth_exr
from sharpdepth_blender.scene.panorama import add_panorama
from tests.geometry.test_panorama import box_length, scene
from tests.tasks.told_engine import answer

pytestmark = pytest.mark.usefixtures("registered")
RGB = scene()
HEIGHT, WIDTH = RGB.shape[:2]
SCALES = (1.1, 0.95, 1.0, 1.05, 0.92, 0.99)


def begin(make, **changes):
    return make(rgb=RGB, intrinsics=None, matrix=None, **changes)


def go_through(made, holes=None):
    """Answer each view by the true room, of a scale of its own, open where `holes` says so."""
    views = panorama_views(WIDTH)
    fractions = []
    for number, view in enumerate(views):
        job = made.jobs[number]
        k = view.intrinsics
        assert job.request["rgb"].shape == (k.height, k.width, 3)
        assert job.request["intrinsics"] == tuple(k)
        x = (np.arange(k.width) + 0.5 - k.cx) / k.fx
        x, y = np.meshgrid(x, -x)
        depth = box_length(np.stack([x, y, -np.ones_like(x)], -1) @ view.turn.T)
        depth = depth * np.float32(SCALES[number])
        job.report(Progress("decode", 0.5, "Decoding"))
        made.generation.step()
        assert made.generation.message == f"View {number + 1} of 6: Decoding"
        fractions.append(made.generation.fraction)
        told = None if holes is None else holes[number]
        job.finish(answer(depth=depth, metric_depth=depth, difference=0 * depth, holes=told))
        made.generation.step()
    assert fractions == sorted(fractions)
    while not made.generation.over:
        made.generation.step()
    assert made.generation.error is None
    return next(each for each in bpy.data.objects if each.session_uid == made.generation.result)


@pytest.mark.parametrize("unit", [1.0, 0.01])
def test_a_panorama_is_a_closed_mesh_around_a_panoramic_camera(make, unit):
    bpy.context.scene.unit_settings.scale_length = unit
    obj = go_through(begin(make))
    points = np.array([obj.matrix_world @ each.co for each in obj.data.vertices]) * unit
    uvs = np.array([each.vector for each in obj.data.uv_layers[0].uv])
    corners = np.array([each.vertex_index for each in obj.data.loops])
    at = np.array([points[corner] for corner in corners])
    u, v = uvs.T
    turn, up = (u - 0.5) * 2 * np.pi, (v - 0.5) * np.pi
    wanted = np.stack([np.cos(up) * np.sin(turn), np.cos(up) * np.cos(turn), np.sin(up)], -1)
    np.testing.assert_allclose(
        at / np.linalg.norm(at, axis=1, keepdims=True), wanted, atol=2e-3
    )  # the middle of the picture is along +y, upright
    truth = box_length(wanted @ np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]))
    assert np.abs(np.linalg.norm(at, axis=1) / truth - 1).mean() < 0.04  # SCALES are off by 0.05
    camera = bpy.context.scene.camera
    assert camera.data.type == "PANO" and camera.matrix_world == obj.matrix_world
    assert "6 views" in obj.sharpdepth.notes
    (node,) = [n for n in obj.data.materials[0].node_tree.nodes if n.type == "TEX_IMAGE"]
    assert node.extension == "REPEAT" and tuple(node.image.size) == (WIDTH, HEIGHT)


def test_holes_of_the_views_are_open(make):
    sides = [view.intrinsics.width for view in panorama_views(WIDTH)]
    holes = [np.zeros((side, side), bool) for side in sides]
    middle = slice(sides[0] * 2 // 5, sides[0] * 3 // 5)
    holes[0][middle, middle] = True
    whole, pierced = go_through(begin(make)), go_through(begin(make), holes)
    assert len(pierced.data.polygons) < 0.99 * len(whole.data.polygons)
    up = np.array([each.center for each in pierced.data.polygons])
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    assert up[:, 2].min() > -0.97  # none in the middle of the picture, along the camera's -z


def test_with_a_field_of_view_it_is_a_plate(make):
    made = begin(make, path=None)
    assert len(made.jobs) == 1 and made.jobs[0].request["rgb"].shape[0] != HEIGHT
    plate = make({"fov": 60.0}, rgb=RGB, intrinsics=None, matrix=None)
    assert plate.jobs[0].request["rgb"].shape == RGB.shape


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


def test_the_room_is_the_one_that_cycles_renders(registered):
    """Ray length of a real room, as the panoramic camera of a result sees it."""
    low, high = np.array([(-2, 4), (-1.2, 1.8), (-5, 3)]).T
    corners = [[(low, high)[i][0], (low, high)[j][1], (low, high)[k][2]]
               for i in (0, 1) for j in (0, 1) for k in (0, 1)]  # fmt: skip
    sides = [(0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5)]
    mesh = bpy.data.meshes.new("room")
    mesh.from_pydata(corners, [], sides)
    room = bpy.data.objects.new("room", mesh)
    into = bpy.context.scene
    obj = add_panorama(into, RGB, np.ones((HEIGHT, WIDTH), np.float32), name="A")
    room.matrix_world = obj.matrix_world
    into.collection.objects.link(room)
    obj.hide_render = True
    into.render.engine, into.cycles.samples = "CYCLES", 1
    into.render.resolution_x, into.render.resolution_y = 64, 32
    into.view_layers[0].use_pass_z = True
    if hasattr(into.render.image_settings, "media_type"):
        into.render.image_settings.media_type = "MULTI_LAYER_IMAGE"
    into.render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    into.render.image_settings.color_depth = "32"
    into.render.filepath = bpy.app.tempdir + "room.exr"
    bpy.ops.render.render(write_still=True)
    found = read_depth_exr(into.render.filepath)
    truth = box_length(directions_of(64, 32))
    assert np.median(np.abs(found / truth - 1)) < 0.01
