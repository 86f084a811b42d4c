"""Cameras that markers on the timeline switch: every tool takes the one that renders the frame."""

import bpy
import numpy as np
import pytest

import sharpdepth_blender as sharpdepth
from sharpdepth_blender.scene import CameraError
from sharpdepth_blender.scene.camera_at import camera_at, camera_cuts
from sharpdepth_blender.scene.export import cameras_of, export_alembic, export_gltf, export_usd
from sharpdepth_blender.scene.projection import camera_of
from sharpdepth_blender.scene.sequence import Frames
from sharpdepth_blender.scene.source import find_source
from tests.scene.export.plate import add_plate
from tests.scene.sequence.shots import make_shot, save_png


def bind(scene, camera, frame):
    scene.timeline_markers.new("Cut", frame=frame).camera = camera


@pytest.fixture
def cameras(scene, add_camera):
    """Three at x = 10, 20 and 30; the scene's own is the third, and no marker's."""
    found = [add_camera() for _ in range(3)]
    for place, each in enumerate(found, 1):
        each.location.x = 10 * place
    return found


@pytest.mark.parametrize("stretch", [(100, 100), (100, 200), (100, 50)])
@pytest.mark.parametrize("hidden", [False, True])
def test_the_camera_that_blender_switches_to(hidden, stretch, scene, cameras):
    one, other, _ = cameras
    for camera, frame in ((other, 9), (one, 4), (other, 4), (one, 15), (other, 12), (one, -3)):
        bind(scene, camera, frame)
    scene.timeline_markers.new("a note", frame=6)
    other.hide_render = hidden
    scene.render.frame_map_old, scene.render.frame_map_new = stretch
    for frame in (*range(-8, 20), 60):
        scene.frame_set(frame)
        assert camera_at(scene, frame) == camera_at(scene) == scene.camera, frame


def test_without_markers_it_is_the_scenes_own(scene, cameras):
    assert camera_at(scene, 5) == cameras[2]
    assert camera_cuts(scene, range(1, 9)) == [(1, cameras[2])]
    scene.camera = None
    assert camera_at(scene) is None
    bind(scene, cameras[0], 3)
    assert camera_at(scene) == cameras[0]
    bind(scene, cameras[1], 6)
    assert camera_cuts(scene, range(1, 9)) == [(1, cameras[0]), (6, cameras[1])]


def test_the_chan_has_each_frames_own(scene, cameras, tmp_path):
    one, other, own = cameras
    scene.frame_start, scene.frame_end = 1, 8
    bind(scene, one, 3)
    bind(scene, other, 6)
    bind(scene, one, 8)
    for frame in (1, 8):
        other.location.y = frame
        other.keyframe_insert("location", frame=frame)
    scene.frame_set(7)
    sharpdepth.export(tmp_path / "a.chan")
    table = np.loadtxt(tmp_path / "a.chan")
    np.testing.assert_allclose(table[:, 1], [10, 10, 10, 10, 10, 20, 20, 10])
    assert table[5, 3] == pytest.approx(-other.evaluated_get(
        bpy.context.evaluated_depsgraph_get()).location.y, abs=1.5)  # fmt: skip
    sharpdepth.export(tmp_path / "b.chan", cameras=[own])
    np.testing.assert_allclose(np.loadtxt(tmp_path / "b.chan")[:, 1], 30)
    other.data.type = "ORTHO"
    with pytest.raises(CameraError, match="orthographic"):
        sharpdepth.export(tmp_path / "a.chan")
    assert scene.frame_current == 7 and scene.camera == other


@pytest.mark.parametrize("export", [export_usd, export_alembic, export_gltf])
def test_what_a_file_cannot_tell_of_cuts(export, scene, tmp_path):
    obj = add_plate(scene)
    first, second = scene.camera, scene.camera.copy()
    scene.collection.objects.link(second)
    ending = {export_usd: ".usda", export_alembic: ".abc", export_gltf: ".glb"}[export]
    other = export(tmp_path / f"a{ending}", scene, [obj], [first, second])
    assert bool(other) == (export is export_gltf)  # which tells how much it has of the relief
    for frame, camera in ((1, first), (5, second), (7, first)):
        bind(scene, camera, frame)
    assert cameras_of(scene, [obj]) == [first, second]
    cuts = "that another camera renders from frame 5, 7 on"
    assert export(tmp_path / f"a{ending}", scene, [obj], [first, second]) == [cuts, *other]
    assert export(tmp_path / f"a{ending}", scene, [obj], [first]) == other
    assert sharpdepth.export(tmp_path / f"b{ending}", [obj]) == [cuts, *other]
    text = (tmp_path / f"b{ending}").read_bytes()
    assert export is export_alembic or text.count(second.name.split(".")[-1].encode())


def test_a_projection_is_from_the_frames_own(scene, cameras, tmp_path):
    one, other, _ = cameras
    bind(scene, one, 1)
    bind(scene, other, 5)
    save_png(tmp_path / "a.png", np.full((9, 16, 3), 90, np.uint8))
    mesh = bpy.data.meshes.new("Wall")
    mesh.from_pydata([(0, 0, -9), (9, 0, -9), (0, 9, -9)], [], [(0, 1, 2)])
    obj = bpy.data.objects.new("Wall", mesh)
    scene.collection.objects.link(obj)
    for frame, camera in ((1, one), (7, other)):
        scene.frame_set(frame)
        scene.camera = cameras[2]  # by hand; what is rendered is the marker's
        projection = sharpdepth.project([obj], tmp_path / "a.png")
        assert camera_of(projection).location.x == camera.location.x


def test_a_sequence_is_under_each_frames_own(tmp_path):
    """Two cameras, each with plates of its own behind it."""
    plates = {}
    for name, start in (("one", 1), ("two", 3)):
        (tmp_path / name).mkdir()
        plates[name] = make_shot(tmp_path / name, 4, start=start)
    scene = bpy.context.scene  # that of the second
    with bpy.data.libraries.load(str(plates["one"])) as (there, here):
        here.objects = there.objects
    (first,) = here.objects
    second = scene.camera
    scene.collection.objects.link(first)
    first.location.z += 0  # evaluated as it is
    bind(scene, first, 1)
    bind(scene, second, 4)
    scene.frame_set(1)
    assert scene.camera == first
    for kind, image in (
        ("CAMERA_BACKGROUND", None),
        ("IMAGE", first.data.background_images[0].image),
    ):
        frames = Frames(scene, find_source(scene, kind, first, image), first, [2, 3, 4, 5])
        assert frames.numbers == [2, 3, 4, 5]
        files = [frames._sources[number].block.filepath for number in (3, 4)]
        assert (files[0] != files[1]) == (kind == "CAMERA_BACKGROUND")
        matrices = {number: frames.read(number).matrix for number in frames.numbers}
        for number, matrix in matrices.items():
            scene.frame_set(number)
            shot = first if number < 4 else second
            assert scene.camera == shot
            np.testing.assert_allclose(matrix, shot.matrix_world, atol=1e-6)
        scene.frame_set(1)
    other = Frames(scene, find_source(scene, "CAMERA_BACKGROUND", second), second, [3, 4, 5])
    assert other.read(3).matrix.translation.x == pytest.approx(0)
    second.data.background_images.clear()
    with pytest.raises(CameraError, match="no background image"):
        Frames(scene, find_source(scene, "CAMERA_BACKGROUND", first), first, [2, 3, 4, 5])
