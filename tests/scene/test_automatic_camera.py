"""The camera that is taken where nobody names one, for pictures and clips alike."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene.projection import add_projection
from sharpdepth_blender.scene.source import automatic_source
from tests.scene.tracked_shot import show_behind, track


@pytest.fixture
def image():
    return bpy.data.images.new("Plate", 30, 20)


def show(camera, image, **settings):
    shown = camera.data.background_images.new()
    shown.image = image
    for name, value in settings.items():
        setattr(shown, name, value)
    return shown


def test_no_camera_and_one_that_shows_something_else(scene, add_camera, image):
    assert automatic_source(scene, image)[1] is None
    show(add_camera(), bpy.data.images.new("Other", 30, 20))
    source, camera = automatic_source(scene, image)
    assert camera is None and source.block == image and source.background is None
    assert automatic_source(scene, None)[1] is None


def test_the_scenes_camera_comes_first_and_then_the_others(scene, add_camera, image):
    first, second = add_camera(), add_camera()
    assert scene.camera == second
    show(first, image, frame_method="CROP")
    source, camera = automatic_source(scene, image)
    assert camera == first and source.background.placement.frame_method == "CROP"
    assert source.notes == ()
    show(second, image)
    assert automatic_source(scene, image)[1] == second


def test_what_cannot_have_taken_it_does_not_count(scene, add_camera, image):
    camera = add_camera(type="ORTHO")
    shown = show(camera, image)
    assert automatic_source(scene, image)[1] is None
    camera.data.type = "PERSP"
    assert automatic_source(scene, image)[1] == camera
    shown.show_background_image = False
    assert automatic_source(scene, image)[1] is None
    scene.camera = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    shown.show_background_image = True
    assert automatic_source(scene, image)[1] == camera
    bpy.context.scene.collection.objects.unlink(camera)  # of another scene
    assert automatic_source(scene, image)[1] is None


def test_the_locked_copy_of_a_projection_is_not_taken(scene, image):
    mesh = bpy.data.meshes.new("Wall")
    mesh.from_pydata([(-1, 3, -1), (1, 3, -1), (1, 3, 1), (-1, 3, 1)], [], [(0, 1, 2, 3)])
    wall = bpy.data.objects.new("Wall", mesh)
    scene.collection.objects.link(wall)
    lens = Intrinsics.from_fov(60, 30, 20)
    add_projection(scene, [wall], image, lens, wall.matrix_world, name="Plate")
    (locked,) = [obj for obj in bpy.data.objects if obj.type == "CAMERA"]
    assert automatic_source(scene, image)[1] is None
    scene.camera = locked  # somebody looks through it on purpose
    assert automatic_source(scene, image)[1] == locked


def test_a_clip_behind_any_camera(scene, add_camera, tmp_path):
    first, second = add_camera(), add_camera()
    shot = track(tmp_path)
    show_behind(first, shot.clip)
    source, camera = automatic_source(scene, shot.clip)
    assert camera == first != second and source.background.source == shot.clip
    assert np.isfinite(source.background.placement.scale)
