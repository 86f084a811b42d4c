import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import CameraError, camera_for, camera_intrinsics, frame_scene


def assert_same(one, other):
    assert (one.width, one.height) == (other.width, other.height)
    for field in ("fx", "fy"):
        assert getattr(one, field) == pytest.approx(getattr(other, field), rel=1e-6)
    size = max(one.width, one.height)
    assert one.cx == pytest.approx(other.cx, abs=2e-7 * size * 10)
    assert one.cy == pytest.approx(other.cy, abs=2e-7 * size * 10)


@pytest.mark.parametrize("seed", range(60))
def test_round_trip(seed, scene):
    rng = np.random.default_rng(seed)
    width, height = (int(n) for n in rng.integers(4, 4000, 2))
    fx = rng.uniform(0.3, 3) * max(width, height)
    fy = fx * (1 if seed % 3 == 0 else rng.uniform(0.5, 2))
    cx, cy = rng.uniform(0.2, 0.8, 2) * (width, height)
    intrinsics = Intrinsics(fx, fy, cx, cy, width, height)
    frame_scene(scene, intrinsics)
    assert_same(camera_intrinsics(scene, camera_for(scene, intrinsics)), intrinsics)


@pytest.mark.parametrize("degrees", [0.5, 5, 90, 170, 179])
def test_extreme_fields_of_view(degrees, scene):
    intrinsics = Intrinsics.from_fov(degrees, 640, 480)
    frame_scene(scene, intrinsics)
    camera = camera_for(scene, intrinsics)
    assert_same(camera_intrinsics(scene, camera), intrinsics)
    assert np.degrees(camera.data.angle) == pytest.approx(degrees, rel=1e-5)


def test_a_full_frame_camera_reads_as_one(scene):
    frame_scene(scene, Intrinsics.from_fov(60, 3000, 2000))
    camera = camera_for(scene, Intrinsics(50 / 36 * 3000, 50 / 36 * 3000, 1500, 1000, 3000, 2000))
    assert camera.data.lens == pytest.approx(50)
    assert camera.data.sensor_width == 36


@pytest.mark.parametrize(
    ("settings", "word"), [({"type": "ORTHO"}, "orthographic"), ({"type": "PANO"}, "panoramic")]
)
def test_cameras_without_a_pinhole(settings, word, scene, add_camera):
    with pytest.raises(CameraError, match=word):
        camera_intrinsics(scene, add_camera(**settings))


def test_not_a_camera(scene):
    with pytest.raises(CameraError, match="not a camera"):
        camera_intrinsics(scene, bpy.data.objects.new("Empty", None))


def test_frame_scene_shows_colors_as_they_are(scene):
    assert scene.view_settings.view_transform != "Standard"  # the factory's default regrades
    frame_scene(scene, Intrinsics(100, 50, 32, 24, 64, 48))
    assert (scene.render.resolution_x, scene.render.resolution_y) == (64, 48)
    assert scene.render.pixel_aspect_y / scene.render.pixel_aspect_x == pytest.approx(2)
    assert scene.view_settings.view_transform == "Standard"
