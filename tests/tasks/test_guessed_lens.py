"""A lens that was guessed for a camera that we made stays a guess, until somebody sets it."""

from types import SimpleNamespace

import bpy
import numpy as np
import pytest

from sharpdepth_blender.api import begin_generate
from sharpdepth_blender.scene.sequence import Frames, picture_sequence
from sharpdepth_blender.scene.source import automatic_source
from sharpdepth_blender.scene.taken import CAMERA, taken_from
from sharpdepth_blender.tasks.generate_sequence import SequenceGeneration, add_sequence_object
from tests.tasks import told_frames
from tests.tasks.told_engine import HEIGHT, WIDTH, Engine, answer
from tests.tasks.told_frames import FrameEngine, frames_in, save_frames

pytestmark = pytest.mark.usefixtures("registered")
GUESSED = "was guessed when the camera plate camera was made"


@pytest.fixture
def ask():
    """Ask for the depth of a picture, whose lens a model finds or not."""
    image = bpy.data.images.new("plate.png", WIDTH, HEIGHT)

    def ask_for(found=None, **settings):
        engine = Engine()
        task = begin_generate(
            image, bpy.context.scene, engine=engine, model="preview",
            **{"camera": "AUTO"} | settings,
        )  # fmt: skip
        known = engine.jobs[-1].request["intrinsics"]
        lens = known or found or (52, 52, 30, 20)
        engine.jobs[-1].finish(answer(intrinsics=lens, found=None if known else found))
        task.step()
        assert task.error is None
        obj = next(each for each in bpy.data.objects if each.session_uid == task.result)
        return SimpleNamespace(obj=obj, known=known, notes=obj.sharpdepth.notes)

    return ask_for


@pytest.mark.parametrize("found", [None, (70, 70, 30, 20)])
def test_again_and_again_it_is_told(ask, found):
    first = ask(found)
    assert first.known is None
    for _ in range(2):
        again = ask(found)
        assert again.obj == first.obj and again.known is not None
        assert GUESSED in again.notes
    degrees = np.degrees(2 * np.arctan(30 / again.known[0]))
    assert f"field of view of {degrees:.1f} degrees" in again.notes


def test_until_somebody_sets_the_lens(ask):
    camera = ask().obj[CAMERA]
    bpy.context.scene.render.resolution_x *= 2  # which is no lens
    assert GUESSED in ask().notes
    camera.data.lens *= 1.2
    assert "guessed" not in ask().notes


def test_a_lens_that_is_said_is_none(ask):
    first = ask(camera=None, fov=50.0)
    assert "guessed" not in ask().notes
    ask(camera=None)  # gets its lens anew, which nothing tells now
    assert GUESSED in ask().notes
    ask(camera=None, fov=50.0)
    assert "guessed" not in ask().notes and ask().obj == first.obj


def test_that_of_a_shot_too(tmp_path):
    save_frames(tmp_path, (1, 2), WIDTH, HEIGHT)
    scene, wall = bpy.context.scene, np.full((HEIGHT, WIDTH), 3, np.float32)
    engine = FrameEngine(lambda number: {"depth": wall})
    work = told_frames.generate(engine, frames_in(tmp_path), tmp_path / "out", window=0)
    obj = add_sequence_object(scene, work, "Mesh")
    assert "was guessed when the camera a.0001 camera was made" in obj.sharpdepth.notes
    image, numbers = picture_sequence(tmp_path / "a.####.png")
    source, camera = automatic_source(scene, obj[CAMERA].data.background_images[0].image)
    assert camera == obj[CAMERA]
    frames = Frames(scene, source, camera, numbers)
    taken = taken_from(scene, source.block, camera)
    again = SequenceGeneration(engine, frames, tmp_path / "again", taken=taken)
    assert any("was guessed when" in note for note in again.notes)
    camera.data.lens *= 2
    again = SequenceGeneration(engine, frames, tmp_path / "known", taken=taken)
    assert not again.notes
