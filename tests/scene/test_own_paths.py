"""Results survive a move of the folder that they lie in with their .blend."""

import os
import shutil

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene import own_paths, save_blend
from sharpdepth_blender.scene.current_frame import picture_now
from sharpdepth_blender.scene.live import find_modifier
from sharpdepth_blender.scene.sequence import Frames, add_depth_sequence
from sharpdepth_blender.scene.source import find_source, open_image
from tests.scene.sequence.shots import make_shot, save_png
from tests.scene.sequence.test_follow import evaluated, finish


@pytest.fixture(autouse=True)
def at_every_save():
    own_paths.register()
    yield
    own_paths.unregister()


@pytest.fixture
def project(tmp_path):
    """A folder with plates, and a finished sequence, of no open file."""
    (tmp_path / "plates").mkdir()
    make_shot(tmp_path / "plates", 3, start=7)
    scene = bpy.context.scene
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    project = tmp_path / "project"
    project.mkdir()
    finish(project / "depth", Frames(scene, source, scene.camera, [7, 8, 9]))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return project


def make(project):
    """The object of the sequence, a picture that we opened, and an image of the user's."""
    save_png(project / "mine.png", np.full((4, 4, 3), 90, np.uint8))
    save_png(project / "plate.png", np.full((4, 4, 3), 60, np.uint8))
    mine = bpy.data.images.load(str(project / "mine.png"))
    mine.use_fake_user = True
    open_image(project / "plate.png").use_fake_user = True
    add_depth_sequence(bpy.context.scene, project / "depth", name="Shot")
    return shown()


def shown():
    """Points and pictures at each frame, and the still."""
    found = []
    for number in (7, 9, 8):
        bpy.context.scene.frame_set(number)
        obj = bpy.data.objects["Shot depth mesh"]
        found += [evaluated(obj)[0], picture_now(find_modifier(obj))]
        (texture,) = [n for n in obj.data.materials[0].node_tree.nodes if n.type == "TEX_IMAGE"]
        assert os.path.isfile(bpy.path.abspath(texture.image.filepath))
    plate = bpy.data.images["plate.png"]
    plate.reload()
    assert plate.pixels[0] == pytest.approx(60 / 255)
    return found


def move_and_open(project, name):
    moved = project.with_name("elsewhere")
    shutil.move(project, moved)
    bpy.ops.wm.open_mainfile(filepath=str(moved / name))


def same(before, now):
    for one, other in zip(before, now, strict=True):
        np.testing.assert_array_equal(one, other)


def save_first(project):
    before = make(project)
    bpy.ops.wm.save_as_mainfile(filepath=str(project / "shot.blend"))
    return before


def save_first_without_remap(project):
    before = make(project)
    bpy.ops.wm.save_as_mainfile(filepath=str(project / "shot.blend"), relative_remap=False)
    return before


def make_in_a_saved_file(project):
    bpy.ops.wm.save_as_mainfile(filepath=str(project / "shot.blend"))
    own_paths.unregister()  # a script's session may not have it
    before = make(project)
    bpy.ops.wm.save_mainfile()
    return before


def save_one_of_before(project):
    """Its paths are absolute."""
    bpy.ops.wm.save_as_mainfile(filepath=str(project / "shot.blend"))
    before = make(project)
    for image in bpy.data.images:
        image.filepath = bpy.path.abspath(image.filepath)
    bpy.ops.wm.save_mainfile()
    return before


def save_a_copy(project):
    before = make(project)
    paths = {image.name: image.filepath for image in bpy.data.images}
    bpy.ops.wm.save_as_mainfile(filepath=str(project / "shot.blend"), copy=True)
    assert {image.name: image.filepath for image in bpy.data.images} == paths
    same(before, shown())
    return before


def command_line(project):
    before = make(project)
    paths = {image.name: image.filepath for image in bpy.data.images}
    save_blend(project / "shot.blend")
    assert {image.name: image.filepath for image in bpy.data.images} == paths
    same(before, shown())
    return before


def command_line_without_handlers(project):
    own_paths.unregister()
    return command_line(project)


def command_line_of_another_file(project):
    away = project.parent / "a" / "b"
    away.mkdir(parents=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(away / "scene.blend"))
    return command_line(project)


def save_elsewhere_and_once_more(project):
    away = project.parent / "a" / "b"
    away.mkdir(parents=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(away / "scene.blend"))
    before = make(project)
    bpy.ops.wm.save_as_mainfile(filepath=str(project / "shot.blend"))
    same(before, shown())
    bpy.ops.wm.save_mainfile()
    return before


@pytest.mark.parametrize(
    "save",
    [
        save_first,
        save_first_without_remap,
        make_in_a_saved_file,
        save_one_of_before,
        save_a_copy,
        command_line,
        command_line_without_handlers,
        command_line_of_another_file,
        save_elsewhere_and_once_more,
    ],
)
def test_a_moved_folder_shows_the_same(save, project):
    before = save(project)
    move_and_open(project, "shot.blend")
    same(before, shown())


@pytest.mark.parametrize("remap", [True, False])
def test_saved_to_another_folder_it_is_found_by_its_whole_path_until_the_next_save(remap, project):
    """Before a save nobody says whether Blender remaps paths: only whole ones are right if not."""
    away = project.parent / "a" / "b"
    away.mkdir(parents=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(away / "scene.blend"))
    before = make(project)
    bpy.ops.wm.save_as_mainfile(filepath=str(project / "shot.blend"), relative_remap=remap)
    assert bpy.data.images["plate.png"].filepath == "//plate.png"  # of the open file at once
    bpy.ops.wm.open_mainfile(filepath=str(project / "shot.blend"))
    assert bpy.data.images["plate.png"].filepath == str(project / "plate.png")
    same(before, shown())
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(project / "shot.blend"))
    assert bpy.data.images["plate.png"].filepath == "//plate.png"


def test_images_of_the_users_stay_as_they_are(project):
    bpy.ops.wm.save_as_mainfile(filepath=str(project / "shot.blend"))
    make(project)
    path = bpy.data.images["mine.png"].filepath
    bpy.ops.wm.save_mainfile()
    assert bpy.data.images["mine.png"].filepath == path == str(project / "mine.png")
    assert bpy.data.images["plate.png"].filepath == "//plate.png"


def test_what_lies_elsewhere_keeps_its_path(project):
    (project.parent / "scenes").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(project.parent / "scenes" / "shot.blend"))
    before = make(project)
    bpy.ops.wm.save_mainfile()
    paths = [image.filepath for image in bpy.data.images if image.source == "SEQUENCE"]
    assert len(paths) == 3 and all(path.startswith(str(project / "depth")) for path in paths)
    shutil.move(project.parent / "scenes", project.parent / "other")
    bpy.ops.wm.open_mainfile(filepath=str(project.parent / "other" / "shot.blend"))
    same(before, shown())
