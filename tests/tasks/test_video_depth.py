"""A shot by a network for video: one scale, whoever computes what, and the right frames."""

import numpy as np
import pytest

from sharpdepth_blender.geometry.temporal import window_frames
from sharpdepth_blender.process import JobError
from sharpdepth_blender.process.job import DepthResult, VideoResult
from sharpdepth_blender.scene import read_depth_exr
from sharpdepth_blender.scene.sequence import SequenceError
from sharpdepth_blender.tasks.generate_sequence import SequenceGeneration
from tests.tasks.told_frames import FileEngine, done, frames_in, save_frames

WIDTH, HEIGHT, COUNT = 40, 30, 35
SMALL = (6, 8)


def truth(number):
    """Depth of a frame, a slope that comes nearer, (HEIGHT, WIDTH)."""
    inverse = 0.1 + 0.004 * number + 0.3 * np.linspace(0, 1, WIDTH)
    return np.broadcast_to((1 / inverse).astype(np.float32), (HEIGHT, WIDTH))


def above(number):
    """A sky that comes in from the left, (HEIGHT, WIDTH)."""
    return np.broadcast_to(np.arange(WIDTH) < 8 + number // 4, (HEIGHT, WIDTH))


class Engine(FileEngine):
    """Sees a frame's number in its picture; each answer of its own scale, but for the sharpener."""

    def __init__(self, network=1.0, has_sky=False, found=None):
        self.asked, self.network, self.has_sky, self.found = [], network, has_sky, found

    def infer(self, rgb, **options):
        self.asked.append(options)
        number = int(rgb[0, 0, 0])
        depth = options.get("metric_depth")
        if depth is None:
            depth = truth(number) * np.float32(np.random.default_rng(number).uniform(0.97, 1.03))
        lens = options.get("intrinsics") or (50.0, 50.0, WIDTH / 2, HEIGHT / 2)
        given = options.get("metric_depth") is not None
        sky = above(number).astype(np.float32) if self.has_sky and not given else None
        return done(
            DepthResult(
                depth,
                depth,
                0 * depth,
                1.0,
                0.0,
                lens,
                {},
                {},
                [],
                "metric",
                "cpu",
                sky=sky,
                found=None if given else self.found,
            )  # fmt: skip
        )

    def look_at_window(self, pictures, model, device):
        self.asked.append({"pictures": pictures, "model": model})
        numbers = [int(path[-8:-4]) for path in pictures]
        rng = np.random.default_rng(numbers[-1])
        scale, shift = (1, 0) if numbers[0] == numbers[1] else rng.uniform(0.5, 2, 2)
        disparity = np.stack([self._disparity(number) for number in numbers])
        disparity = self.network * (scale * (disparity - 0.05) + shift)
        return done(VideoResult(disparity.astype(np.float32)))

    def _disparity(self, number):
        inverse = 1 / truth(number)
        return _small(np.where(above(number), 0.05, inverse) if self.has_sky else inverse)


def _small(inverse):
    """Corner on corner, linear in disparity."""
    columns = np.linspace(0, WIDTH - 1, SMALL[1])
    return np.broadcast_to(np.interp(columns, np.arange(WIDTH), inverse[0]), SMALL)


@pytest.fixture
def frames(tmp_path):
    save_frames(tmp_path, range(1, COUNT + 1), WIDTH, HEIGHT)
    return frames_in(tmp_path)


def run(engine, frames, folder, **options):
    work = SequenceGeneration(engine, frames, folder, model="metric-video", **options)
    fractions = []
    while not work.over:
        work.step()
        fractions.append(work.fraction)
    if work.fault:
        raise work.fault
    assert fractions == sorted(fractions)
    return work


def test_a_shot_has_one_scale_and_its_frames_their_own_depth(frames, tmp_path):
    engine = Engine()
    work = run(engine, frames, tmp_path / "out")
    looked = [each for each in engine.asked if "pictures" in each]
    assert [[int(path[-8:-4]) for path in each["pictures"]] for each in looked] == [
        [index + 1 for index in window] for window in window_frames(COUNT)
    ]
    measured = [each for each in engine.asked if each.get("estimator") == "moge-2-vits-normal"]
    assert len(measured) == 2  # every 22nd frame
    assert all(each["model"] == "metric" for each in measured)
    assert measured[1]["intrinsics"] == (50.0, 50.0, WIDTH / 2, HEIGHT / 2)  # the first one's
    ratio = []
    for number in frames.numbers:
        found = read_depth_exr(work.store.path("depth", number))
        ratio.append(found / truth(number))
    ratio = np.array(ratio)
    assert ratio.max() / ratio.min() < 1.02  # it would be 1.06 by the estimator
    assert abs(ratio.mean() - 1) < 0.03
    assert any("steady by video-depth-anything-small" in note for note in work.notes)
    assert work.shot["window"] == 0 and work.made == COUNT


def test_processes_find_the_same_and_nothing_is_asked_twice(frames, tmp_path):
    whole = run(Engine(), frames, tmp_path / "whole")
    parts = Engine()
    assert run(parts, frames, tmp_path / "parts", chunk=[*range(20, 36)]).shot is None
    before = len(parts.asked)
    work = run(parts, frames, tmp_path / "parts")
    assert work.made == 19
    assert not any("pictures" in each for each in parts.asked[before:])
    for number in frames.numbers:
        np.testing.assert_array_equal(
            read_depth_exr(work.store.path("depth", number)),
            read_depth_exr(whole.store.path("depth", number)),
        )


def test_the_sky_of_every_frame_is_known_from_those_that_were_measured(frames, tmp_path):
    work = run(Engine(has_sky=True), frames, tmp_path / "out")
    begins = work.shot["sky"]
    for number in frames.numbers:
        depth = read_depth_exr(work.store.path("depth", number))
        found, told = depth > begins, above(number)
        border = int(told[0].sum())
        apart = np.abs(np.arange(WIDTH) + 0.5 - border) > WIDTH / SMALL[1]  # of the small map
        np.testing.assert_array_equal(found[:, apart], told[:, apart])
        np.testing.assert_allclose(depth[found], 2 * begins, rtol=1e-6)
    assert run(Engine(), frames, tmp_path / "without").shot["sky"] == 0


def test_who_says_the_lens_is_told(frames, tmp_path):
    engine = Engine(found=(50.0, 50.0, WIDTH / 2, HEIGHT / 2))
    for _ in range(2):  # the second finds all done
        work = run(engine, frames, tmp_path / "out")
        told = [note for note in work.notes if "Nothing tells the lens" in note]
        assert told == [
            "Nothing tells the lens, so the field of view of 43.6 degrees is what the model finds "
            "in the picture."
        ]


def test_a_network_that_contradicts_is_told(frames, tmp_path):
    with pytest.raises((SequenceError, JobError), match="contradict each other"):
        run(Engine(network=-1.0), frames, tmp_path / "out")
