"""Match Render Size to Plate, as a user has it."""

import bpy
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import bake_result, camera_intrinsics
from sharpdepth_blender.scene.taken import Taken, keep_taken
from sharpdepth_blender.scene.under import lies_under_picture
from tests.ui.operators.plate_result import HEIGHT, WIDTH, add

pytestmark = pytest.mark.usefixtures("addon")


def match():
    return bpy.ops.sharpdepth.match_render_size()


@pytest.mark.parametrize("baked", [False, True])
def test_the_render_size_becomes_the_plates(baked, scene):
    lens = Intrinsics(50, 40, 30, 25, WIDTH, HEIGHT)
    obj = add(scene, lens=lens)
    scene.render.resolution_percentage = 50
    if baked:
        bake_result(obj)
    assert match() == {"FINISHED"}
    render = scene.render
    assert (render.resolution_x, render.resolution_y, render.resolution_percentage) == (64, 48, 100)
    assert render.pixel_aspect_y / render.pixel_aspect_x == pytest.approx(50 / 40)
    found = camera_intrinsics(scene, scene.camera)
    for name in ("fx", "fy", "cx", "cy"):
        assert getattr(found, name) == pytest.approx(getattr(lens, name), rel=1e-5)
    assert lies_under_picture(scene, obj)


def test_it_is_gray_with_a_reason(scene):
    with pytest.raises(RuntimeError, match="no depth result"):
        match()
    add(scene)
    assert match() == {"FINISHED"}
    assert not bpy.ops.sharpdepth.match_render_size.poll()
    with pytest.raises(RuntimeError, match="the picture's already"):
        match()
    scene.render.resolution_percentage = 50
    assert bpy.ops.sharpdepth.match_render_size.poll()


def test_pixels_that_are_square_stay_so(scene):
    add(scene, lens=Intrinsics(0.1 * 51.3, 0.1 * 51.3, 32, 24, WIDTH, HEIGHT))
    match()
    assert (scene.render.pixel_aspect_x, scene.render.pixel_aspect_y) == (1, 1)


def test_a_camera_of_the_users_own_may_show_the_picture_elsewhere_then(scene, capfd):
    data = bpy.data.cameras.new("Shot")
    camera = bpy.data.objects.new("Shot", data)
    scene.collection.objects.link(camera)
    scene.camera = camera
    seen = add(scene, "Seen", matrix=camera.matrix_world)
    keep_taken(seen, Taken(camera=camera.session_uid))
    assert lies_under_picture(scene, seen) is None  # the camera does not show it
    assert match() == {"FINISHED"} and "does not lie" not in capfd.readouterr().out
    # In a frame of 16:9 the plate is as high as the frame, and the sensor fits its width.
    scene.render.resolution_x, scene.render.resolution_y = 1920, 1080
    shown = data.background_images.new()
    shown.image, shown.frame_method = bpy.data.images["Seen picture"], "FIT"
    frame = camera_intrinsics(scene, camera)
    focal = frame.fx * HEIGHT / 1080
    obj = add(
        scene, "Other", Intrinsics(focal, focal, 32, 24, WIDTH, HEIGHT), matrix=camera.matrix_world
    )
    shown.image = bpy.data.images["Other picture"]
    keep_taken(obj, Taken(camera=camera.session_uid))
    assert lies_under_picture(scene, obj)
    bpy.context.view_layer.objects.active = obj
    assert match() == {"FINISHED"} and not lies_under_picture(scene, obj)
    assert "Other depth mesh does not lie under its picture" in capfd.readouterr().out
