"""Look Through Camera, as a user has it."""

from types import SimpleNamespace

import bpy
import pytest

from sharpdepth_blender.scene.taken import seen_by
from sharpdepth_blender.ui.operators.look_through import SHARPDEPTH_OT_look_through, look_through
from tests.ui.operators.plate_result import add

pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def viewport():
    """A viewport of the file, and another one that must stay as it is."""
    spaces = [
        area.spaces.active
        for screen in bpy.data.screens
        for area in screen.areas
        if area.type == "VIEW_3D"
    ]
    return spaces[0], spaces[1:]


def state(space):
    return (
        space.region_3d.view_perspective, space.shading.type, space.camera, space.use_local_camera
    )  # fmt: skip


def context_of(scene, space, obj=None):
    if obj is not None:
        bpy.context.view_layer.objects.active = obj
    return SimpleNamespace(scene=scene, space_data=space, view_layer=bpy.context.view_layer)


def reason(context):
    """Why the button is gray; empty where it is not."""
    said = []
    operator = SimpleNamespace(poll_message_set=said.append)
    done = SHARPDEPTH_OT_look_through.poll.__func__(operator, context)
    assert bool(said) != done
    return said[0] if said else ""


def test_the_viewport_looks_through_the_results_camera(scene, viewport):
    space, others = viewport
    obj = add(scene)
    before = [state(other) for other in others]
    assert reason(context_of(scene, space)) == ""
    look_through(space, scene, seen_by(obj))
    assert state(space) == ("CAMERA", "MATERIAL", scene.camera, False)
    assert [state(other) for other in others] == before


def test_a_camera_that_is_not_the_scenes_is_the_viewports_own(scene, viewport):
    space, _ = viewport
    first, second = add(scene), add(scene, "Second")
    space.shading.type = "RENDERED"  # which shows the picture as well
    look_through(space, scene, seen_by(second))
    assert state(space) == ("CAMERA", "RENDERED", seen_by(second), True)
    assert scene.camera == seen_by(first)
    look_through(space, scene, seen_by(first))
    assert state(space) == ("CAMERA", "RENDERED", seen_by(first), False)


def test_why_it_is_gray(scene, viewport):
    space, _ = viewport
    assert "no depth result" in reason(context_of(scene, space))
    obj = add(scene)
    for other in (None, SimpleNamespace(type="IMAGE_EDITOR")):
        assert "3D viewport" in reason(context_of(scene, other, obj))
    camera = seen_by(obj)
    elsewhere = bpy.data.scenes.new("Elsewhere")
    elsewhere.collection.objects.link(camera)
    bpy.data.collections["Plate"].objects.unlink(camera)
    scene.camera = None
    assert "another scene" in reason(context_of(scene, space, obj))
    bpy.data.objects.remove(camera)
    assert "not known" in reason(context_of(scene, space, obj))
