"""Generate again: what becomes of the result that stands, step by step."""

from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from sharpdepth_blender.api import begin_generate
from sharpdepth_blender.geometry.panorama import panorama_lens
from sharpdepth_blender.process import JobError
from sharpdepth_blender.scene import add_depth_result, bake_result, remove_result
from sharpdepth_blender.scene.camera import panoramic_camera
from sharpdepth_blender.scene.layers import split_result
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.modifier import get_input, set_input
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.taken import Taken, keep_taken, seen_by, taken_from
from sharpdepth_blender.tasks import generate as room
from sharpdepth_blender.tasks.generate import Generation
from sharpdepth_blender.tasks.previews import is_preview
from tests.tasks.told_engine import (
    HEIGHT,
    MATRIX,
    WIDTH,
    Engine,
    answer,
    depths,
    early,
    everything,
    shot,
)

pytestmark = pytest.mark.usefixtures("registered")


def finish(made, **changes):
    """Bring a generation to its end, by way of its early depth."""
    made.jobs[-1].report(early())
    made.generation.step()
    made.jobs[-1].finish(answer(**changes))
    made.generation.step()
    assert made.generation.error is None
    return next(each for each in bpy.data.objects if each.session_uid == made.generation.result)


@pytest.fixture
def image():
    return bpy.data.images.new("plate.png", WIDTH, HEIGHT)


@pytest.fixture
def again(image):
    """Make a generation of the same picture through the same camera, or of changes of these."""
    camera = bpy.data.objects.new("Shot Camera", bpy.data.cameras.new("Shot Camera"))
    bpy.context.scene.collection.objects.link(camera)
    camera.matrix_world = MATRIX

    def make_again(keep_both=False, output="Mesh", **changes):
        taken = Taken(image.session_uid, camera=camera.session_uid)
        engine = Engine()
        generation = Generation(
            engine, bpy.context.scene, shot(**{"taken": taken, "texture": image, **changes}),
            output=output, keep_both=keep_both, model="preview",
        )  # fmt: skip
        return SimpleNamespace(generation=generation, jobs=engine.jobs)

    make_again.camera = camera
    return make_again


def test_again_the_same_picture_and_camera_get_the_new_depth(again):
    obj = finish(again())
    assert seen_by(obj) == again.camera
    modifier = find_modifier(obj)
    for name, value in {"Sharpness": 0.4, "Depth Scale": 3.0, "Output": "Points"}.items():
        set_input(modifier, name, value)
    parent = bpy.data.objects.new("Parent", None)
    home = bpy.data.collections.new("Home")
    bpy.context.scene.collection.children.link(home)
    home.objects.link(parent), home.objects.link(obj)
    obj.name, obj.parent, obj.sharpdepth.lit = "My Mesh", parent, True
    bpy.context.view_layer.update()
    before, place = everything(), obj.matrix_world.copy()
    second = again()
    second.jobs[0].report(early())
    second.generation.step()
    # Until the new depth is there the old result stands, and nothing beside it.
    assert everything() == before and obj.sharpdepth.scale == 2
    depth, metric = depths(1)
    second.jobs[0].finish(answer(depth=depth, metric_depth=metric, scale=5.0))
    second.generation.step()
    assert second.generation.error is None and second.generation.result == obj.session_uid
    assert everything() == before
    np.testing.assert_array_equal(image_values(obj.sharpdepth.depth)[..., 0], depth)
    assert obj.sharpdepth.scale == 5 and obj.sharpdepth.lit
    assert get_input(modifier, "Sharpness") == pytest.approx(0.4)
    assert get_input(modifier, "Depth Scale") == 3 and get_input(modifier, "Output") == "Points"
    assert obj.parent == parent and obj.name in home.objects and obj.matrix_world == place
    assert "new depth" in second.generation.outcome


def test_another_output_is_asked_for(again):
    obj = finish(again())
    assert finish(again(output="Points")) == obj
    assert get_input(find_modifier(obj), "Output") == "Points"


@pytest.mark.parametrize("stage", ["working", "early"])
@pytest.mark.parametrize("how", ["cancel", "engine", "ours"])
def test_what_comes_to_nothing_leaves_the_old_result(again, stage, how, monkeypatch):
    obj = finish(again())
    before, depth = everything(), image_values(obj.sharpdepth.depth).copy()
    made = again()
    if stage == "early":
        made.jobs[0].report(early())
    made.generation.step()
    if how == "cancel":
        made.generation.cancel()
    elif how == "engine":
        made.jobs[0].finish(JobError("child_died", "The engine died."))
        made.generation.step()
    else:
        monkeypatch.setattr(room, "renew_result", lambda *_: 1 / 0)
        made.jobs[0].finish(answer())
        made.generation.step()
    assert made.generation.over and (made.generation.error is None) == (how == "cancel")
    assert everything() == before and not is_preview(obj)
    np.testing.assert_array_equal(image_values(obj.sharpdepth.depth), depth)


def edit_mesh(obj):
    obj.data.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])


def paint_depth(obj):
    obj.sharpdepth.depth.pixels[0] = 9


def other_depth(obj):
    mine = bpy.data.images.new("My Depth", WIDTH, HEIGHT, float_buffer=True)
    set_input(find_modifier(obj), "Depth", mine)


@pytest.mark.parametrize("edit", [bake_result, edit_mesh, paint_depth, other_depth])
def test_what_somebody_edited_is_left_alone(again, edit):
    obj = finish(again())
    edit(obj)
    vertices, depth = len(obj.data.vertices), image_values(obj["sharpdepth_depth"]).copy()
    made = again()
    other = finish(made)
    assert other != obj and "Plate depth mesh was baked or edited" in made.generation.outcome
    assert len(obj.data.vertices) == vertices
    np.testing.assert_array_equal(image_values(obj["sharpdepth_depth"]), depth)
    assert other.users_collection == obj.users_collection  # the plate has one
    # The next one is the new one's.
    assert finish(again()) == other


def test_a_copied_picture_that_somebody_painted_on_is_left_alone(again):
    obj = finish(again(texture=None))
    assert finish(again(texture=None)) == obj
    picture = get_input(find_modifier(obj), "Picture")
    picture.pixels[0] = 0.123
    picture.pack()
    assert finish(again(texture=None)) != obj
    assert get_input(find_modifier(obj), "Picture") == picture


def test_keep_both(again):
    obj = finish(again())
    other = finish(again(keep_both=True))
    assert other != obj and other.name == "Plate depth mesh.001"
    assert [each.name for each in bpy.data.collections] == ["Plate"]


def test_another_picture_camera_or_frame_is_another_result(again, image):
    finish(again())
    uid, camera = image.session_uid, again.camera.session_uid
    other = bpy.data.images.new("other.png", WIDTH, HEIGHT)
    second = again.camera.copy()
    bpy.context.scene.collection.objects.link(second)
    for number, taken in enumerate((
        Taken(other.session_uid, camera=camera),
        Taken(uid, camera=second.session_uid),
        Taken(uid, frame=7, camera=camera),
        Taken(uid, frame=8, camera=camera),
    )):  # fmt: skip
        finish(again(taken=taken))
        assert sum("sharpdepth_depth" in each for each in bpy.data.objects) == number + 2
    homes = {each.users_collection[0] for each in bpy.data.objects if "sharpdepth_depth" in each}
    assert len(homes) == 4  # the same picture through another camera is at home with the first


def test_the_same_file_by_another_image_or_by_its_path_alone(again, image, tmp_path):
    image.filepath_raw, image.file_format = str(tmp_path / "plate.png"), "PNG"
    image.save()
    image.source = "FILE"
    obj = finish(again())
    twin = bpy.data.images.load(str(tmp_path / "plate.png"))
    camera = again.camera.session_uid
    path = str(tmp_path / "." / "plate.png")
    assert finish(again(taken=Taken(twin.session_uid, None, path, camera))) == obj
    # A file that only the engine reads, whose name need not be text.
    odd = {"texture": None, "taken": Taken(None, None, str(tmp_path / "odd\udcff.avif"), camera)}
    first = finish(again(**odd))
    assert first != obj and finish(again(**odd)) == first


def test_the_packed_copy_is_the_picture_that_it_was_made_from(again):
    obj = finish(again(texture=None))
    copy = get_input(find_modifier(obj), "Picture")
    taken = Taken(copy.session_uid, camera=again.camera.session_uid)
    assert finish(again(taken=taken, texture=copy)) == obj
    assert get_input(find_modifier(obj), "Picture") == copy


def test_a_picture_that_has_to_be_converted_now(again, image):
    obj = finish(again())
    rgb = np.full((HEIGHT, WIDTH, 3), 77, np.uint8)
    assert finish(again(texture=None, rgb=rgb)) == obj
    shown = get_input(find_modifier(obj), "Picture")
    node = next(n for n in obj.data.materials[0].node_tree.nodes if n.type == "TEX_IMAGE")
    assert shown != image and node.image == shown and image.name in bpy.data.images


def test_the_camera_that_was_made_for_it_gets_the_lens_anew(make, image):
    def again(focal):
        made = make(intrinsics=None, matrix=None, texture=image, taken=Taken(image.session_uid))
        made.jobs[-1].finish(answer(intrinsics=(focal, focal, 30, 20)))
        made.generation.step()
        assert made.generation.error is None
        uid = made.generation.result
        return next(each for each in bpy.data.objects if each.session_uid == uid)

    obj = again(50)
    camera = bpy.context.scene.camera
    assert camera.name == "Plate camera" and camera.users_collection == obj.users_collection
    camera.location.z += 2
    bpy.context.view_layer.update()
    lens = camera.data.lens
    assert again(100) == obj and camera.data.lens == pytest.approx(2 * lens)
    assert len(bpy.data.cameras) == 1 and camera.location.z == pytest.approx(2)
    # As one that the scene shows the picture through.
    known = make(texture=image, taken=Taken(image.session_uid, camera=camera.session_uid))
    assert finish(known) == obj
    bpy.data.objects.remove(camera)
    assert again(70) == obj
    assert bpy.context.scene.camera == seen_by(obj) and len(bpy.data.objects) == 2


def test_it_follows_its_camera_unless_somebody_moved_it(again):
    obj = finish(again())
    there = Matrix.Translation((5, 0, 0)) @ MATRIX
    assert finish(again(matrix=there)) == obj
    np.testing.assert_allclose(obj.matrix_world, there, atol=1e-6)
    obj.location.y += 3
    bpy.context.view_layer.update()
    moved = obj.matrix_world.copy()
    for matrix in (MATRIX, there):
        finish(again(matrix=matrix))
        assert obj.matrix_world == moved


def test_a_hidden_result_stays_hidden_and_that_is_said(again):
    obj = finish(again())
    obj.hide_set(True)
    made = again()
    assert finish(made) == obj and obj.hide_get() and "hidden" in made.generation.outcome


def test_one_that_goes_meanwhile_is_made_anew(again):
    obj = finish(again())
    made = again()
    made.jobs[0].report(early())
    made.generation.step()
    bpy.data.objects.remove(obj)
    made.jobs[0].finish(answer())
    made.generation.step()
    assert made.generation.error is None and "Plate depth mesh" in bpy.data.objects


def test_two_of_the_same_in_the_queue_are_one_in_the_end(again):
    one, two = again(), again()
    one.jobs[0].report(early())
    one.generation.step()
    one.jobs[0].finish(answer())
    one.generation.step()
    obj = finish(two)
    assert [each for each in bpy.data.objects if "sharpdepth_depth" in each] == [obj]


def test_results_live_in_a_collection_of_the_plates_name(make):
    obj = finish(make(intrinsics=None, matrix=None))
    scene = bpy.context.scene
    (home,) = scene.collection.children
    assert home.name == "Plate" and not scene.collection.objects
    assert sorted(each.name for each in home.objects) == ["Plate camera", "Plate depth mesh"]
    obj.name = "Mine"
    remove_result(obj)
    assert not bpy.data.collections


def test_an_older_result_without_any_of_this_is_found_by_its_picture(again):
    obj = finish(again())
    for key in ("sharpdepth_source", "sharpdepth_taken", "sharpdepth_place", "sharpdepth_plate"):
        del obj[key]
    assert finish(again()) == obj


@pytest.fixture
def asked(image):
    """Ask for the depth of a picture behind a camera, through the whole of the scene."""
    scene = bpy.context.scene
    camera = bpy.data.objects.new("Shot Camera", bpy.data.cameras.new("Shot Camera"))
    scene.collection.objects.link(camera)
    scene.camera, camera.matrix_world = camera, MATRIX
    camera.data.background_images.new().image = image
    scene.render.resolution_x, scene.render.resolution_y = WIDTH, HEIGHT

    def ask(camera="AUTO", intrinsics=None, **settings):
        bpy.context.view_layer.update()
        engine = Engine()
        task = begin_generate(image, scene, camera=camera, engine=engine, model="preview",
                              **settings)  # fmt: skip
        known = engine.jobs[-1].request["intrinsics"]
        engine.jobs[-1].finish(answer(intrinsics=known or (50, 50, 30, 20)))
        task.step()
        assert task.error is None
        return next(each for each in bpy.data.objects if each.session_uid == task.result)

    ask.camera = camera
    return ask


def move(camera):
    """Have a camera go to the right, and zoom, from frame 1 to frame 11."""
    data, scene = camera.data, bpy.context.scene
    for frame, x, lens in ((1, 1.0, 50.0), (11, 6.0, 80.0)):
        camera.location.x, data.lens = x, lens
        camera.keyframe_insert("location", frame=frame), data.keyframe_insert("lens", frame=frame)
    scene.frame_set(1)


def test_at_another_frame_of_a_move_the_result_stays_where_its_picture_was_taken(asked):
    scene = bpy.context.scene
    move(asked.camera)
    obj = asked()
    rig = split_result(scene, obj, count=2, sky=0.0)
    place, laid = obj.matrix_world.copy(), rig.matrix_world.copy()
    focal = get_input(find_modifier(obj), "Focal Length X")
    scene.frame_set(11)
    assert asked() == obj and scene.frame_current == 11
    assert obj.matrix_world == place and rig.matrix_world == laid
    assert get_input(find_modifier(obj), "Focal Length X") == pytest.approx(focal)
    assert "stays where the camera is at frame 1" in obj.sharpdepth.notes
    # As its layers, and for good.
    split_result(scene, obj)
    scene.frame_set(6)
    assert asked() == obj and obj.matrix_world == place and rig.matrix_world == laid
    other = asked(keep_both=True)
    assert other != obj and other.matrix_world.translation.x == pytest.approx(3.5)
    assert "stays" not in other.sharpdepth.notes and obj.matrix_world == place


def test_it_follows_the_frame_at_which_it_was_made(asked):
    scene = bpy.context.scene
    move(asked.camera)
    obj = asked()
    asked.camera.location.x = 2.0
    asked.camera.keyframe_insert("location", frame=1)
    scene.frame_set(11)
    assert asked() == obj and obj.matrix_world.translation.x == pytest.approx(2)


def test_a_camera_that_stands_still_is_followed_at_any_frame(asked):
    scene = bpy.context.scene
    obj = asked()
    scene.frame_set(7)
    asked.camera.location.x = 4.0
    assert asked() == obj and obj.matrix_world.translation.x == pytest.approx(4)
    assert "stays" not in obj.sharpdepth.notes


def test_a_camera_that_was_made_for_the_picture_and_moves_since(asked):
    scene = bpy.context.scene
    bpy.data.objects.remove(asked.camera)
    obj = asked()
    camera = scene.camera
    assert camera == seen_by(obj) and camera.name == "plate camera"
    place = obj.matrix_world.copy()
    for frame in (1, 11):
        camera.keyframe_insert("location", frame=frame)
        camera.location.x += 5
    scene.frame_set(11)
    assert asked() == obj and obj.matrix_world == place
    assert "stays" in obj.sharpdepth.notes


def test_a_panorama_stays_where_its_camera_was():
    scene = bpy.context.scene
    around = bpy.data.images.new("around.png", 64, 32)
    camera = panoramic_camera("Around")
    scene.collection.objects.link(camera)
    for frame, x in ((1, 1.0), (11, 6.0)):
        camera.location.x = x
        camera.keyframe_insert("location", frame=frame)
    rgb, far = np.zeros((32, 64, 3), np.uint8), np.full((32, 64), 3, np.float32)
    scene.frame_set(1)
    obj = add_depth_result(
        scene, rgb, far, far, panorama_lens(64, 32), name="around", matrix=camera.matrix_world,
        is_panorama=True,
    )  # fmt: skip
    keep_taken(obj, taken_from(scene, around, camera))
    scene.frame_set(11)
    for keep_both, x in ((False, 1), (True, 6)):
        task = begin_generate(
            around, scene, camera=camera, engine=Engine(), keep_both=keep_both, model="preview"
        )
        assert task._shot.matrix.translation.x == pytest.approx(x)
        assert any("stays where" in note for note in task._shot.notes) != keep_both
        task.cancel()
