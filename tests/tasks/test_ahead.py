"""What the engine is asked ahead: in which order things happen, whatever fails meanwhile."""

import bpy
import numpy as np
import pytest

from sharpdepth_blender.process import JobError
from sharpdepth_blender.process.job import DepthResult, Job
from sharpdepth_blender.scene.sequence import Frames, picture_sequence
from sharpdepth_blender.scene.source import Source
from sharpdepth_blender.tasks.ahead import ask_ahead
from sharpdepth_blender.tasks.generate_sequence import SequenceGeneration
from tests.scene.sequence.shots import save_png
from tests.tasks.told_frames import FileEngine

WIDTH, HEIGHT, COUNT = 24, 16, 4
CAMERA = (30.0, 30.0, WIDTH / 2, HEIGHT / 2)


class Works:
    """Works whose steps, jobs and faults a test says; what happens is noted in order."""

    def __init__(self):
        self.heard, self.jobs = [], {}

    def work(self, name, asks=True, fault=None):
        self.heard.append(f"begin {name}")
        yield None
        if fault:
            raise fault
        if not asks:
            return
        self.jobs[name] = Job({}, {})
        self.heard.append(f"ask {name}")
        answer = yield self.jobs[name]
        self.heard.append(f"keep {name} {answer}")

    def wait(self, job):
        while not job.done:
            yield 0.5, "working"

    def run(self, steps):
        """Step, and have the engine answer in turn where nothing else happens."""
        seen = []
        for index, fraction, _ in steps:
            seen.append(index + fraction)
            if fraction:
                name = next(each for each, job in self.jobs.items() if not job.done)
                self.jobs[name].finish(name.upper())
        return seen


def test_each_asks_before_the_one_before_is_kept():
    works = Works()
    seen = works.run(ask_ahead([works.work(each) for each in "abc"], works.wait))
    assert works.heard == [
        "begin a", "ask a", "begin b", "ask b", "keep a A", "begin c", "ask c", "keep b B",
        "keep c C",
    ]  # fmt: skip
    assert seen == sorted(seen)


def test_what_asks_nothing_is_passed_and_keeps_nothing_waiting():
    works = Works()
    steps = ask_ahead([works.work("a"), *(works.work(each, False) for each in "bcd")], works.wait)
    while "begin b" not in works.heard:
        next(steps)
    works.jobs["a"].finish("A")
    works.run(steps)
    assert works.heard == ["begin a", "ask a", "begin b", "keep a A", "begin c", "begin d"]


def test_a_fault_comes_after_what_was_asked_before_is_kept():
    works = Works()
    steps = ask_ahead([works.work("a"), works.work("b", fault=OSError("b")), works.work("c")],
                      works.wait)  # fmt: skip
    with pytest.raises(OSError, match="b"):
        works.run(steps)
    assert works.heard == ["begin a", "ask a", "begin b", "keep a A"]


def test_a_job_that_fails_cancels_the_next():
    works = Works()
    steps = ask_ahead([works.work(each) for each in "abc"], works.wait)
    while "ask b" not in works.heard:
        next(steps)
    works.jobs["a"].finish(JobError("child_died", "It died."))
    with pytest.raises(JobError, match="It died"):
        works.run(steps)
    assert works.jobs["b"].cancelled and "begin c" not in works.heard


def test_closed_it_cancels_all_that_it_asked():
    works = Works()
    steps = ask_ahead([works.work(each) for each in "abc"], works.wait)
    while "ask b" not in works.heard:
        next(steps)
    steps.close()
    assert works.jobs["a"].cancelled and works.jobs["b"].cancelled
    assert works.heard == ["begin a", "ask a", "begin b", "ask b"]


class Engine(FileEngine):
    """Keeps the jobs that it is given, each with the number of its frame."""

    def __init__(self):
        self.jobs = {}

    def infer(self, rgb, **options):
        job = self.jobs[int(rgb[0, 0, 0])] = Job({}, {})
        return job

    def answer(self, number):
        depth = np.full((HEIGHT, WIDTH), 2 + number, np.float32)
        self.jobs[number].finish(
            DepthResult(depth, depth, 0 * depth, 1.0, 0.0, CAMERA, {}, {}, [], "preview", "cpu")
        )


@pytest.fixture
def begin(tmp_path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    for number in range(1, COUNT + 1):
        save_png(tmp_path / f"a.{number:04d}.png", np.full((HEIGHT, WIDTH, 3), number, np.uint8))

    def begin(engine, fov=60):
        image, numbers = picture_sequence(tmp_path / "a.####.png")
        frames = Frames(bpy.context.scene, Source(image), None, numbers, fov=fov)
        return SequenceGeneration(engine, frames, tmp_path / "out", window=0)

    return begin


def step_until(work, reached):
    for _ in range(100):
        if reached():
            return
        work.step()
    raise AssertionError("It is never reached.")


def test_the_engine_has_the_next_frame_while_one_is_written(begin, tmp_path, monkeypatch):
    engine = Engine()
    work = begin(engine)
    write, unfinished = work.store.write_raw, []

    def write_raw(number, raw):
        unfinished.append([each for each, job in engine.jobs.items() if not job.done])
        write(number, raw)

    monkeypatch.setattr(work.store, "write_raw", write_raw)
    for number in range(1, COUNT + 1):
        wanted = min(number + 1, COUNT)
        step_until(work, lambda wanted=wanted: wanted in engine.jobs)
        assert max(engine.jobs) == wanted and len(unfinished) == number - 1
        engine.answer(number)
        step_until(work, lambda number=number: len(unfinished) == number)
    step_until(work, lambda: work.over)
    assert not work.fault and work.made == COUNT
    assert unfinished == [[2], [3], [4], []]
    depths = [work.store.read_raw(number).depth.mean() for number in work.numbers]
    assert depths == [3, 4, 5, 6]


def test_a_lens_that_is_unknown_is_asked_of_the_first_frame_alone(begin):
    engine = Engine()
    work = begin(engine, fov=None)
    step_until(work, lambda: engine.jobs)
    for _ in range(5):
        work.step()
    assert list(engine.jobs) == [1]
    engine.answer(1)
    step_until(work, lambda: 3 in engine.jobs)


def test_a_picture_that_cannot_be_read_does_not_cost_the_frame_before(begin, tmp_path):
    (tmp_path / "a.0003.png").write_bytes(b"no picture")
    engine = Engine()
    work = begin(engine)
    step_until(work, lambda: 2 in engine.jobs)
    engine.answer(1)
    engine.answer(2)
    step_until(work, lambda: work.over)
    assert "a.0003.png" in work.error and work.made == 2
    assert work.store.finished(2) is not None


def test_cancelled_it_leaves_the_engine_nothing_to_do(begin):
    engine = Engine()
    work = begin(engine)
    step_until(work, lambda: 2 in engine.jobs)
    work.cancel()
    assert work.over and all(job.cancelled for job in engine.jobs.values())
