"""The report of a check is told to be old once anything that it depends on has changed."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.scene import save_blend
from sharpdepth_blender.scene.layers import (
    clean_plate,
    layer_objects,
    new_clean_plate,
    set_layer,
    split_result,
)
from sharpdepth_blender.scene.move import changed_since, keep_report, move_state
from sharpdepth_blender.scene.move.report import Coverage, MoveReport
from sharpdepth_blender.scene.picture import image_values, replace_rgba
from sharpdepth_blender.scene.projection import add_projection, camera_of, projection_nodes
from sharpdepth_blender.tasks import layer_update, move_watch
from tests.scene.layers.street_result import add_result

pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def rig():
    """Layers before a camera that is keyed, on a rig that follows an empty."""
    result, scene = add_result(), bpy.context.scene
    rig = split_result(scene, result, count=3, sky=0.0, move=0.2)
    camera, dolly = scene.camera, bpy.data.objects.new("Dolly", None)
    scene.collection.objects.link(dolly)
    camera.parent = dolly
    track = camera.constraints.new("COPY_ROTATION")
    track.target, track.mute = bpy.data.objects.new("Aim", None), True
    scene.collection.objects.link(track.target)
    for frame, x in ((1, 0.0), (24, 0.5)):
        camera.location.x = x
        camera.keyframe_insert("location", frame=frame)
        camera.data.keyframe_insert("lens", frame=frame)
    scene.frame_start, scene.frame_end = 1, 24
    scene.frame_set(1)
    check()
    return rig


def check():
    """Keep a report, as of a check just now."""
    report = MoveReport("c", (4, 3), 2.0, 1, (Coverage(1, 0.0, 0.0, 0.0, 0.0),))
    keep_report(report, np.zeros((3, 4, 3), np.uint8), bpy.context.scene)
    assert changed_since() == []


def of_camera(change):
    return lambda rig: change(bpy.context.scene.camera)


def move_key(camera):
    animation = camera.animation_data
    bag = animation.action.layers[0].strips[0].channelbag(animation.action_slot)
    bag.fcurves[0].keyframe_points[1].co[1] += 0.1


def paint(obj):
    image = clean_plate(obj)
    values = np.array(image_values(image))
    values[4:9, 4:9] = 1
    replace_rgba(image, values)


@pytest.mark.parametrize(
    "name, change",
    [
        ("camera", of_camera(move_key)),
        ("camera", of_camera(lambda camera: setattr(camera, "rotation_euler", (1, 0, 0)))),
        ("camera", of_camera(lambda camera: setattr(camera.data, "shift_x", 0.1))),
        ("camera", of_camera(lambda camera: setattr(camera.parent, "location", (0, 0, 1)))),
        ("camera", of_camera(lambda camera: setattr(camera.constraints[0], "mute", False))),
        (
            "camera",
            of_camera(lambda camera: setattr(camera.constraints[0].target, "location", (0, 0, 1))),
        ),
        ("camera", of_camera(lambda camera: camera.animation_data_clear())),
        ("frame range", lambda rig: setattr(bpy.context.scene, "frame_end", 30)),
        ("render size", lambda rig: setattr(bpy.context.scene.render, "resolution_x", 99)),
        ("layers", lambda rig: set_layer(layer_objects(rig)[0], choke=3)),
        ("layers", lambda rig: set_layer(layer_objects(rig)[0], hidden=True)),
        ("layers", lambda rig: setattr(layer_objects(rig)[1], "location", (0, 0, 1))),
        ("layers", lambda rig: bpy.data.objects.remove(layer_objects(rig)[0])),
        ("depth meshes", lambda rig: setattr(_result(), "hide_render", False)),
    ],
)
def test_what_the_report_depends_on(rig, name, change):
    change(rig)
    assert changed_since() == [name]
    check()  # checked again


def test_what_is_projected_onto_meshes_that_are_no_results(rig):
    scene, mesh = bpy.context.scene, bpy.data.meshes.new("Wall")
    mesh.from_pydata([(-1, -1, -5), (1, -1, -5), (1, 1, -5), (-1, 1, -5)], [], [(0, 1, 2, 3)])
    wall = bpy.data.objects.new("Wall", mesh)
    scene.collection.objects.link(wall)
    check()
    image = bpy.data.images.new("patch", 8, 8)
    projection = add_projection(
        scene, [wall], image, Intrinsics(8, 8, 4, 4, 8, 8), rig.matrix_world, name="patch"
    )
    assert changed_since() == ["projections"]
    (node,) = projection_nodes(wall, projection)
    for change in (
        lambda: setattr(camera_of(projection), "location", (1, 0, 0)),
        lambda: setattr(wall, "location", (0, 0, 1)),
        lambda: setattr(node, "mute", True),
    ):
        check()
        change()
        assert changed_since() == ["projections"]
    check()
    wall.location.x = 3  # nothing is seen of what is projected
    scene.frame_set(9)
    assert changed_since() == []


def _result():
    return bpy.data.objects["street depth mesh"]


def test_what_it_does_not_depend_on(rig, tmp_path):
    scene = bpy.context.scene
    scene.frame_set(12)
    set_layer(layer_objects(rig)[0], name="Ball")
    scene.camera.name = "Other"
    scene.render.resolution_percentage = 50
    rig.select_set(True)
    assert changed_since() == []
    save_blend(tmp_path / "shot.blend")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    move_watch.look()
    assert bpy.data.texts and changed_since() == [] == list(move_watch.changed())


def test_paint_on_clean_plates_saved_or_not(rig, tmp_path):
    save_blend(tmp_path / "shot.blend")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    obj = layer_objects(bpy.data.objects["street layers"])[0]
    new_clean_plate(obj)
    check()
    paint(obj)
    assert changed_since() == ["clean plates"]
    check()
    bpy.ops.wm.save_mainfile()
    assert changed_since() == []  # which saves the plate
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert changed_since() == []


def test_the_panel_is_told_by_a_watch(rig, monkeypatch):
    bpy.context.scene.frame_end = 99
    assert move_watch.changed() == ()  # drawing computes nothing
    assert move_watch._tick() == move_watch._PERIOD
    assert move_watch.changed() == ("frame range",)
    monkeypatch.setattr(layer_update, "is_painting", lambda: True)
    bpy.context.scene.frame_end = 24
    move_watch._tick()
    assert move_watch.changed() == ("frame range",)  # not in the middle of a stroke
    move_watch.look()
    assert move_watch.changed() == ()
    bpy.data.texts.remove(bpy.data.texts[0])
    bpy.context.scene.frame_end = 99
    move_watch.look()
    assert move_watch.changed() == () and set(move_state(bpy.context.scene)) > {"camera"}
