import math
import os

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import project
from sharpdepth_blender.scene import CameraError, SaveError, camera_intrinsics, camera_matrix
from sharpdepth_blender.scene.export import export_chan
from tests.scene.export.plate import FRAMES, add_plate, everything, move_camera, world_points


def seen_by(line, points, width, height, pixel_aspect):
    """Pixels where a camera of a .chan file sees points, y up and meters, by the file alone.

    Nuke turns about z first, then x, then y, and looks along -z; the field of view is that of the
    frame's height.
    """
    _, x, y, z, around_x, around_y, around_z, fov = map(float, line.split("\t"))
    a, b, c = (math.radians(angle) for angle in (around_x, around_y, around_z))
    about_x = [[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]]
    about_y = [[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]]
    about_z = [[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]]
    turn = np.array(about_y) @ np.array(about_x) @ np.array(about_z)
    here = (points - (x, y, z)) @ turn
    focal = height / 2 / math.tan(math.radians(fov) / 2)
    u = width / 2 - here[:, 0] / here[:, 2] * focal * pixel_aspect
    v = height / 2 + here[:, 1] / here[:, 2] * focal
    return np.stack([u, v], -1)


@pytest.mark.parametrize("frame", FRAMES)
def test_known_points_by_the_file_alone(frame, scene, tmp_path):
    obj = add_plate(scene, frame)
    _, unit = FRAMES[frame]
    move_camera(scene)
    points = world_points(scene, obj)
    y_up = np.stack([points[:, 0], points[:, 2], -points[:, 1]], -1)
    before = everything()
    path = tmp_path / "é cam.chan"
    notes = export_chan(path, scene, scene.camera)
    assert everything() == before
    lines = path.read_text().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["3", "4", "5", "6", "7"]
    assert path.read_text().endswith("\n") and "\n\n" not in path.read_text()
    shifted = frame != "landscape"
    assert notes == ["the lens shift, for which a .chan file has no place"] * shifted
    for number, line in enumerate(lines, 3):
        scene.frame_set(number)
        known = camera_intrinsics(scene, scene.camera)
        matrix = np.array(camera_matrix(scene, scene.camera))
        wanted = project((points / unit - matrix[:3, 3]) @ matrix[:3, :3], known)
        wanted -= (known.cx - known.width / 2, known.cy - known.height / 2)
        found = seen_by(line, y_up, known.width, known.height, known.fx / known.fy)
        np.testing.assert_allclose(found, wanted, atol=0.01)


@pytest.mark.parametrize("fit", ["AUTO", "HORIZONTAL", "VERTICAL"])
@pytest.mark.parametrize("size", [(160, 90), (90, 160)])
def test_the_field_of_view_is_the_frame_s_height(size, fit, scene, add_camera, tmp_path):
    camera = add_camera(sensor_fit=fit, sensor_width=32.0, sensor_height=20.0, lens=25.0)
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.frame_end = 1
    export_chan(tmp_path / "a.chan", scene, camera)
    fov = float((tmp_path / "a.chan").read_text().split()[7])
    top = camera.data.view_frame(scene=scene)[0]
    assert math.radians(fov) == pytest.approx(2 * math.atan(top.y / -top.z))


def test_a_parent_a_constraint_and_a_scale(scene, add_camera, tmp_path):
    camera = add_camera()
    parent = bpy.data.objects.new("Parent", None)
    target = bpy.data.objects.new("Target", None)
    for each in (parent, target):
        scene.collection.objects.link(each)
    parent.location, parent.scale = (1, 2, 3), (2, 2, 2)
    camera.parent, camera.location = parent, (0.5, 0, 0)
    target.location = 2, 8, 4
    constraint = camera.constraints.new("TRACK_TO")
    constraint.target = target
    constraint.track_axis, constraint.up_axis = "TRACK_NEGATIVE_Z", "UP_Y"
    scene.frame_start = scene.frame_end = 1001
    export_chan(tmp_path / "a.chan", scene, camera)
    (line,) = (tmp_path / "a.chan").read_text().splitlines()
    assert line.startswith("1001\t")
    np.testing.assert_allclose(list(map(float, line.split("\t")[1:4])), [2, 3, -2], atol=1e-5)
    middle = seen_by(line, np.array([[2.0, 4, -8]]), 1920, 1080, 1)
    np.testing.assert_allclose(middle, [[960, 540]], atol=0.01)


def test_turns_go_on_beyond_a_full_one(scene, add_camera, tmp_path):
    camera = add_camera()
    scene.frame_start, scene.frame_end = 1, 25
    for frame in range(1, 26):
        camera.rotation_euler = 1.4, 0, math.radians(20 * frame)
        camera.keyframe_insert("rotation_euler", frame=frame)
    export_chan(tmp_path / "a.chan", scene, camera)
    numbers = np.loadtxt(tmp_path / "a.chan")
    steps = np.diff(numbers[:, 5])
    np.testing.assert_allclose(steps, 20, atol=0.01)


def test_what_cannot_be_written(scene, add_camera, tmp_path, full_disk):
    camera = add_camera()
    (tmp_path / "a.chan").write_text("old")
    scene.frame_end = 100
    with full_disk(2000), pytest.raises(SaveError, match="cannot be written"):
        export_chan(tmp_path / "a.chan", scene, camera)
    with pytest.raises(SaveError, match="does not exist"):
        export_chan(tmp_path / "none" / "a.chan", scene, camera)
    camera.data.type = "ORTHO"
    with pytest.raises(CameraError, match="perspective"):
        export_chan(tmp_path / "a.chan", scene, camera)
    assert (tmp_path / "a.chan").read_text() == "old" and os.listdir(tmp_path) == ["a.chan"]
    assert len(bpy.data.scenes) == 1


def test_a_second_camera_that_viewports_do_not_show(scene, tmp_path):
    add_plate(scene)
    camera = bpy.data.objects.new("Second", bpy.data.cameras.new("Second"))
    scene.collection.objects.link(camera)
    for frame in (3, 7):
        camera.location.x = frame
        camera.keyframe_insert("location", frame=frame)
    camera.hide_viewport = True
    export_chan(tmp_path / "a.chan", scene, camera)
    places = np.loadtxt(tmp_path / "a.chan")[:, 1]
    assert places[[0, 2, 4]] == pytest.approx([3, 5, 7]) and (np.diff(places) > 0).all()
