"""Another sequence of the same shot in the object that is there."""

from types import SimpleNamespace

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene import bake_result
from sharpdepth_blender.scene.current_frame import depth_now
from sharpdepth_blender.scene.live import LENS, find_modifier
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.sequence import (
    Frames,
    add_depth_sequence,
    is_untouched_sequence,
    renew_depth_sequence,
)
from sharpdepth_blender.scene.source import Source, find_source
from sharpdepth_blender.scene.taken import CAMERA, Taken
from sharpdepth_blender.tasks import following
from sharpdepth_blender.tasks.generate_sequence import add_sequence_object
from tests.scene.sequence.shots import make_shot
from tests.scene.sequence.test_follow import finish

KINDS = ("objects", "meshes", "images", "materials", "cameras", "actions", "collections")


def counts():
    return {kind: len(getattr(bpy.data, kind)) for kind in KINDS}


@pytest.fixture
def frames(tmp_path):
    make_shot(tmp_path, 4, zooms=True, start=7)
    scene = bpy.context.scene
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    return Frames(scene, source, scene.camera, [7, 8, 9, 10])


def seen(obj):
    """Depth, place and lens at each frame."""
    found = []
    for number in (7, 8, 9, 10):
        bpy.context.scene.frame_set(number)
        modifier = find_modifier(obj)
        lens = [get_input(modifier, name) for name in LENS]
        found.append((depth_now(modifier, "Depth").copy(), np.array(obj.matrix_world), lens))
    return found


def test_it_shows_the_new_frames_and_keeps_all_else(frames, tmp_path):
    scene = bpy.context.scene
    obj = add_depth_sequence(scene, finish(tmp_path / "out", frames), name="Shot")
    nearer = finish(tmp_path / "nearer", frames, lambda number: 0.5)
    fresh = add_depth_sequence(scene, nearer, name="Fresh")
    wanted = seen(fresh)
    material = get_input(find_modifier(obj), "Material")
    set_input(find_modifier(obj), "Sharpness", 0.25)
    set_input(find_modifier(obj), "Resolution", 33)
    obj.name = "Mine"
    home = bpy.data.collections.new("Home")
    scene.collection.children.link(home)
    home.objects.link(obj)
    before, made = counts(), obj["sharpdepth_made"]
    assert is_untouched_sequence(obj)
    renew_depth_sequence(scene, obj, nearer)
    assert counts() == before and obj["sharpdepth_made"] > made
    for (depth, place, lens), (want, there, like) in zip(seen(obj), wanted, strict=True):
        np.testing.assert_array_equal(depth, want)
        np.testing.assert_allclose(place, there, atol=1e-6)
        np.testing.assert_allclose(lens, like, rtol=1e-6)
    modifier = find_modifier(obj)
    assert obj.name == "Mine" and home.objects[:] == [obj]
    assert get_input(modifier, "Sharpness") == 0.25 and get_input(modifier, "Resolution") == 33
    assert get_input(modifier, "Material") == material
    (node,) = (each for each in material.node_tree.nodes if each.type == "TEX_IMAGE")
    assert node.image == get_input(modifier, "Picture")
    assert sorted(image.name for image in bpy.data.images if image.name.startswith("Shot ")) == [
        "Shot depth", "Shot metric depth", "Shot picture",
    ]  # fmt: skip


def test_fewer_frames_of_the_same_folder(frames, tmp_path):
    scene = bpy.context.scene
    obj = add_depth_sequence(scene, finish(tmp_path / "out", frames), name="Shot")
    fewer = Frames(
        scene, find_source(scene, "CAMERA_BACKGROUND", scene.camera), scene.camera, [8, 9]
    )
    renew_depth_sequence(scene, obj, finish(tmp_path / "out", fewer))
    modifier = find_modifier(obj)
    assert [get_input(modifier, f"{which} Frame") for which in ("First", "Last")] == [8, 9]
    (node,) = (
        each for each in get_input(modifier, "Material").node_tree.nodes if each.type == "TEX_IMAGE"
    )
    user = node.image_user
    assert (user.frame_start, user.frame_duration, user.frame_offset) == (8, 2, 7)
    np.testing.assert_allclose(seen(obj)[3][1], seen(obj)[2][1], atol=1e-6)


def test_a_camera_that_was_made_stays_where_it_is_and_gets_the_lens(frames, tmp_path):
    scene = bpy.context.scene
    image = find_source(scene, "CAMERA_BACKGROUND", scene.camera).block
    alone = Frames(scene, Source(image), None, [7, 8, 9, 10], fov=60)
    obj = add_depth_sequence(scene, finish(tmp_path / "out", alone), name="Shot")
    camera = obj[CAMERA]
    camera.location, obj.location = (1, 2, 3), (1, 2, 3)
    wider = Frames(scene, Source(image), None, [7, 8, 9, 10], fov=90)
    renew_depth_sequence(scene, obj, finish(tmp_path / "wider", wider))
    assert obj[CAMERA] == camera and camera.location[:] == obj.location[:] == (1, 2, 3)
    assert camera.data.angle_x == pytest.approx(np.pi / 2, abs=1e-4)
    (shown,) = camera.data.background_images
    assert shown.image == get_input(find_modifier(obj), "Picture")
    assert shown.image_user.frame_duration == 4


@pytest.mark.parametrize("edit", ["baked", "other depth", "own keys"])
def test_what_was_edited_is_left_alone(edit, frames, tmp_path):
    scene = bpy.context.scene
    following.ensure_registered()
    folder = finish(tmp_path / "out", frames)
    image = find_source(scene, "CAMERA_BACKGROUND", scene.camera).block
    taken = Taken(image.session_uid, camera=scene.camera.session_uid)
    generation = SimpleNamespace(
        name="Shot", taken=taken, store=SimpleNamespace(folder=folder), notes=["One."], outcome="",
        shot={"model": "true", "device": "cpu"},
    )  # fmt: skip
    obj = add_sequence_object(scene, generation, "Mesh")
    assert add_sequence_object(scene, generation, "Mesh") == obj
    assert generation.outcome == "Shot depth mesh has its new depth."
    if edit == "baked":
        bake_result(obj)
    elif edit == "other depth":
        set_input(find_modifier(obj), "Depth", get_input(find_modifier(obj), "Metric Depth"))
    else:
        obj.keyframe_insert("scale", frame=8)
    other = add_sequence_object(scene, generation, "Mesh")
    assert other != obj and other.users_collection == obj.users_collection
    sentence = "Shot depth mesh was baked or edited, and stays beside the new result."
    assert generation.outcome == sentence
    assert add_sequence_object(scene, generation, "Points") == other
    assert get_input(find_modifier(other), "Output") == "Points"
    assert add_sequence_object(scene, generation, "Mesh", keep_both=True) not in (obj, other)
