"""A .blend that is none, lacks its pictures, or brings code along."""

import os
import shutil

import pytest

pytest.importorskip("bpy")
import bpy

from sharpdepth_blender import api
from sharpdepth_blender.api import bake
from sharpdepth_blender.scene import SceneError
from sharpdepth_blender.scene.opening import OpenError, open_blend
from sharpdepth_blender.scene.source import find_source
from tests.faults.conftest import assert_sentence
from tests.scene.sequence.shots import make_shot

EVIL = "open({path!r}, 'w').write('run')"


@pytest.fixture(scope="module")
def shot(tmp_path_factory):
    """A .blend with four pictures behind its camera, and code in every place that may hold some."""
    folder = tmp_path_factory.mktemp("shot")
    make_shot(folder, 4)
    evil = EVIL.format(path=str(folder / "executed"))
    text = bpy.data.texts.new("evil.py")
    text.write(evil)
    text.use_module = True
    camera = bpy.context.scene.camera
    for path, owner in (("lens", camera.data), ("location", camera)):
        curve = owner.driver_add(path, 0) if path == "location" else owner.driver_add(path)
        curve.driver.type = "SCRIPTED"
        curve.driver.expression = f"({evil}) and 1"
    bpy.ops.wm.save_mainfile()
    (folder / "executed").unlink(missing_ok=True)
    return folder / "shot.blend"


def test_no_code_of_a_blend_is_run(shot, reader):
    scene = open_blend(shot)
    scene.frame_set(2)
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    obj = api.generate(source, scene, camera=scene.camera, engine=reader)
    bake(obj)
    assert len(obj.data.vertices) > 100
    assert not (shot.parent / "executed").exists()


@pytest.mark.parametrize("gone", ["all", "one", "empty", "a folder", "text", "a pipe"])
def test_pictures_that_are_missing(harmless, reader, shot, tmp_path, gone):
    """The scene is not changed, and the sentence names the file."""
    for path in shot.parent.iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path)
    for number in (1, 2, 3, 4) if gone == "all" else (1,):
        path = tmp_path / f"plate.{number:04d}.png"
        path.unlink()
        if gone == "empty":
            path.touch()
        elif gone == "a folder":
            path.mkdir()
        elif gone == "text":
            path.write_text("no picture")
        elif gone == "a pipe":
            os.mkfifo(path)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / shot.name), load_ui=False)
    scene = bpy.context.scene
    for image in bpy.data.images:
        if image.filepath:
            image.filepath = str(tmp_path / "plate.0001.png")
    scene.frame_set(1)

    def generate():
        source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
        return api.generate(source, scene, camera=scene.camera, engine=reader)

    outcome = harmless(generate)
    assert "plate.0001.png" in outcome.sentence, outcome


HARMS = {
    "empty": lambda data: b"",
    "text": lambda data: b"no scene at all",
    "the magic alone": lambda data: b"BLENDER",
    "of a later version": lambda data: b"BLENDER17-99v9999" + data[12:],
    "zeros": lambda data: data[:12] + bytes(len(data) - 12),
    **{
        f"cut at {tenth}": (lambda data, t=tenth: data[: len(data) * t // 10])
        for tenth in (1, 3, 5, 7)
    },
}


@pytest.mark.parametrize("name", HARMS)
def test_a_blend_that_is_none(shot, tmp_path, name):
    """What was open stays open."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.data.objects.new("Mine", None)
    path = tmp_path / "a.blend"
    path.write_bytes(HARMS[name](shot.read_bytes()))
    try:
        open_blend(path)
    except OpenError as error:
        assert_sentence(str(error))
        assert "a.blend cannot be opened" in str(error) and "Mine" in bpy.data.objects


@pytest.mark.parametrize("make", ["missing", "folder", "pipe", "loop"])
def test_a_blend_that_is_no_file(tmp_path, make):
    path = tmp_path / "a.blend"
    if make == "folder":
        path.mkdir()
    elif make == "pipe":
        os.mkfifo(path)
    elif make == "loop":
        path.symlink_to(path)
    with pytest.raises(SceneError, match="a.blend cannot be opened") as caught:
        open_blend(path)
    assert_sentence(str(caught.value))
