"""The button and the command line are one road: the same pixels and lens reach the model."""

import os

import bpy
import numpy as np
import pytest

import sharpdepth_blender
from sharpdepth_blender import api
from sharpdepth_blender.api import generating
from sharpdepth_blender.cli import picture as command
from sharpdepth_blender.process import Engine
from sharpdepth_blender.process.job import DepthResult, Job
from sharpdepth_blender.scene import blank_scene, show_plain_colors
from sharpdepth_blender.scene.picture import image_values
from sharpdepth_blender.scene.result_marks import DEPTH
from sharpdepth_blender.tasks import queue

PICTURES = [
    "plain.png", "photo.jpg", "rotated.jpg", "gray.png", "palette.png", "cmyk.jpg", "alpha.png",
    "sixteen_bits.png", "animated.gif", "portrait.webp", "phone.avif", "display_p3.png",
    os.fsdecode(b"caf\xe9.tif"), "linear.exr", "sky.hdr",
]  # fmt: skip


class Recorder(Engine):
    """A real engine whose model answers at once, and which keeps what it was asked."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def infer(self, rgb, **options):
        self.asked.append((rgb.copy(), options))
        depth = np.full(rgb.shape[:2], 2, np.float32)
        height, width = depth.shape
        job = Job({"type": "infer"}, {})
        lens = options["intrinsics"] or (width, width, width / 2, height / 2)
        job.finish(DepthResult(depth, depth, depth, 1.0, 0.0, lens, {}, {}, [], "preview", "cpu"))
        return job

    def close(self):
        """Stay for the next picture."""


class NoBar:
    def show(self, fraction, message):
        pass


@pytest.fixture(scope="module")
def engine():
    made = Recorder()
    yield made
    Engine.close(made)


@pytest.fixture(scope="module")
def every_picture(pictures):
    """Also a scene-linear EXR with values above 1, and a Radiance file."""
    for name, file_format in (("linear.exr", "OPEN_EXR"), ("sky.hdr", "HDR")):
        image = bpy.data.images.new(name, 40, 30, float_buffer=True)
        values = np.random.default_rng(0).uniform(0, 3, (30, 40, 4)).astype(np.float32)
        values[..., 3] = 1
        image.pixels.foreach_set(values.ravel())
        image.filepath_raw, image.file_format = str(pictures / name), file_format
        image.save()
        bpy.data.images.remove(image)
    return pictures


@pytest.fixture(autouse=True)
def doors(engine, monkeypatch):
    monkeypatch.setattr(generating, "get_engine", lambda: engine)
    monkeypatch.setattr(command, "Engine", lambda: engine)
    monkeypatch.setattr(queue, "close_engine", lambda: None)
    sharpdepth_blender.register()
    yield
    sharpdepth_blender.unregister()


def made():
    """The pixels that the result shows, and its notes."""
    (obj,) = (obj for obj in bpy.data.objects if DEPTH in obj)
    (texture,) = (
        node.image for node in obj.data.materials[0].node_tree.nodes if node.type == "TEX_IMAGE"
    )
    return tuple(texture.size), image_values(texture), obj.sharpdepth.notes.split("\n")


@pytest.mark.parametrize("name", PICTURES, ids=ascii)
def test_the_same_reaches_the_model_by_either_door(engine, every_picture, tmp_path, name):
    path = every_picture / name
    engine.asked.clear()

    words = [str(path), "-o", str(tmp_path / "out.blend"), "--live", "--json"]
    report, _ = command.run_picture(command.parse_picture(words), NoBar())
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "out.blend"))
    by_command = made()

    show_plain_colors(blank_scene())
    settings = bpy.context.scene.sharpdepth
    settings.camera = "NEW"
    assert bpy.ops.sharpdepth.generate(filepath=str(path)) == {"FINISHED"}
    by_button = made()

    show_plain_colors(blank_scene())
    api.generate(path)
    by_script = made()

    assert len(engine.asked) == 3
    (rgb, options), *others = engine.asked
    for other, given in others:
        np.testing.assert_array_equal(other, rgb)
        assert given["intrinsics"] == options["intrinsics"]
    assert (report["width"], report["height"]) == rgb.shape[1::-1]
    for size, shown, notes in (by_command, by_button, by_script):
        assert size == rgb.shape[1::-1] and notes == (report["notes"] or [""])
        np.testing.assert_array_equal(shown, by_command[1])


def test_a_turned_file_is_upright(engine, every_picture):
    blank_scene()
    engine.asked.clear()
    api.generate(every_picture / "rotated.jpg")
    assert engine.asked[0][0].shape == (72, 48, 3)
    assert made()[0] == (48, 72)
    render = bpy.context.scene.render
    assert (render.resolution_x, render.resolution_y) == (48, 72)


def test_colors_of_another_profile_are_converted(engine, every_picture):
    blank_scene()
    engine.asked.clear()
    api.generate(every_picture / "plain.png")
    api.generate(every_picture / "display_p3.png")
    plain, wide = (asked[0].astype(int) for asked in engine.asked)
    assert wide[30, 30, 0] > plain[30, 30, 0] + 5  # the same numbers mean a stronger red


def test_what_a_script_cannot_have(engine, every_picture):
    scene = blank_scene()
    for name, words in [
        ("missing.png", "not found"), ("a_folder.png", "folder"), ("empty.png", "empty"),
        ("text.png", "not a picture"), ("truncated.jpg", "truncated"), ("strip.png", "2 x 2"),
    ]:  # fmt: skip
        with pytest.raises(Exception, match=words) as caught:
            api.generate(every_picture / name)
        assert caught.value.kind == "bad_image"
    assert not scene.objects and not [each for each in bpy.data.images if each.users]
