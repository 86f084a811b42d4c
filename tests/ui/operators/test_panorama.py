"""Buttons that take a perspective picture are gray for a panorama, and say why."""

from types import SimpleNamespace

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.panorama import panorama_lens
from sharpdepth_blender.scene import add_depth_result
from sharpdepth_blender.scene.projection import projections_of
from sharpdepth_blender.ui.operators.set_up_projection import SHARPDEPTH_OT_set_up_projection
from sharpdepth_blender.ui.operators.split_layers import SHARPDEPTH_OT_split_layers

pytestmark = pytest.mark.usefixtures("addon")
WHY = "Around depth mesh is a panorama, and this takes a perspective picture."


@pytest.fixture
def around(scene):
    picture = np.zeros((16, 32, 3), np.uint8)
    length = np.full((16, 32), 3, np.float32)
    obj = add_depth_result(
        scene, picture, length, length, panorama_lens(32, 16), name="Around", is_panorama=True
    )
    bpy.context.view_layer.objects.active = obj
    obj.select_set(True)
    return obj


def reasons(operator):
    said = []
    kind = SimpleNamespace(poll_message_set=said.append)
    assert operator.poll.__func__(kind, bpy.context) == (not said)
    return said


def test_the_buttons_are_gray_and_say_why(around, scene):
    assert reasons(SHARPDEPTH_OT_split_layers) == [WHY]
    assert reasons(SHARPDEPTH_OT_set_up_projection) == [WHY]
    for run in (bpy.ops.sharpdepth.split_layers, bpy.ops.sharpdepth.set_up_projection):
        with pytest.raises(RuntimeError, match="is a panorama"):
            run()


def test_a_scene_whose_camera_is_none_has_the_same_reason(around, scene):
    empty = bpy.data.objects.new("Empty", None)
    scene.collection.objects.link(empty)
    scene.camera, scene.sharpdepth.camera = empty, "SCENE"
    scene.sharpdepth.source = "CAMERA_BACKGROUND"
    assert reasons(SHARPDEPTH_OT_set_up_projection) == [WHY]


def test_another_cameras_picture_can_be_projected_onto_a_panorama(around, scene):
    flat = np.full((24, 32), 2, np.float32)
    picture = np.full((24, 32, 3), 90, np.uint8)
    scene.camera = None
    plate = add_depth_result(
        scene, picture, flat, flat, Intrinsics(30, 30, 16, 12, 32, 24), name="Plate"
    )
    settings = scene.sharpdepth
    settings.source, settings.camera = "CAMERA_BACKGROUND", "SCENE"
    assert scene.camera.data.type == "PERSP" and plate
    assert reasons(SHARPDEPTH_OT_set_up_projection) == []
    bpy.ops.sharpdepth.set_up_projection()
    assert len(projections_of(around)) == 1
