"""What is assumed of a shot is told with it, as of a single picture."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.process import JobError
from sharpdepth_blender.process.job import Job
from sharpdepth_blender.scene.sequence import Frames, picture_sequence
from sharpdepth_blender.scene.source import Source
from tests.tasks.told_frames import FrameEngine, frames_in, generate, save_frames

WIDTH, HEIGHT = 50, 40
DEPTH = np.full((HEIGHT, WIDTH), 3.0, np.float32)
FOUND = (50.0, 50.0, WIDTH / 2, HEIGHT / 2)  # 53.1 degrees
pytestmark = pytest.mark.usefixtures("registered")


@pytest.fixture
def folder(tmp_path):
    save_frames(tmp_path, range(1, 4), WIDTH, HEIGHT)
    return tmp_path


def tell(number):
    return {"depth": DEPTH, "found": FOUND, "notes": ["It was small.", f"{number} px were filled."]}


def test_who_says_the_lens_of_a_shot_is_told(folder):
    work = generate(FrameEngine(tell), frames_in(folder), folder / "out")
    lens = (
        "Frame 1: Nothing tells the lens, so the field of view of 53.1 degrees is what the model "
        "finds in the picture."
    )
    assert work.notes == [lens, "It was small.", "Frame 1: 1 px were filled."]
    again = generate(FrameEngine(tell), frames_in(folder), folder / "out")
    assert again.made == 0 and again.notes == work.notes


def test_the_lens_of_a_shot_is_that_of_its_first_file(folder):
    work = generate(FrameEngine(tell, focal_35mm=35), frames_in(folder), folder / "out")
    expected = Intrinsics.from_focal_35mm(35, WIDTH, HEIGHT)
    for number in (1, 3):
        assert tuple(work.store.read_raw(number).intrinsics) == pytest.approx(tuple(expected))
    assert work.knows_lens
    (note,) = (each for each in work.notes if "EXIF" in each)
    assert note.startswith("Frame 1: The field of view of ") and "finds 53.1" in note
    again = generate(FrameEngine(tell, focal_35mm=35), frames_in(folder), folder / "out")
    assert again.made == 0 and again.notes == work.notes and again.knows_lens


def test_what_is_given_counts_more_than_the_files(folder):
    image, numbers = picture_sequence(folder / "a.####.png")
    frames = Frames(bpy.context.scene, Source(image), None, numbers, fov=80)
    work = generate(FrameEngine(tell, focal_35mm=35), frames, folder / "out")
    assert work.store.read_raw(2).intrinsics.fov == pytest.approx(80)


def test_a_file_that_only_blender_reads_tells_no_lens(folder):
    engine = FrameEngine(tell)
    job = Job({"type": "picture"}, {})
    job.finish(JobError("unknown_format", "Unknown."))
    engine.read_picture = lambda path, shown: job
    work = generate(engine, frames_in(folder), folder / "out")
    assert work.made == 3 and not work.knows_lens


def test_a_given_lens_that_the_model_doubts_is_told(folder):
    image, numbers = picture_sequence(folder / "a.####.png")
    for fov, said in ((53.0, False), (80.0, True)):
        frames = Frames(bpy.context.scene, Source(image), None, numbers, fov=fov)
        work = generate(FrameEngine(tell), frames, folder / str(fov))
        told = [note for note in work.notes if "was given. The model finds 53.1" in note]
        assert bool(told) is said
