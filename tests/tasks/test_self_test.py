"""Weights are tried on a picture of known depth, and the user told whether they are right."""

import re

import numpy as np
import pytest

from sharpdepth_blender.library import INPAINTER, PRESETS, WEIGHTS
from sharpdepth_blender.process import Engine, JobError
from sharpdepth_blender.process.job import DepthResult, Job, Progress
from sharpdepth_blender.tasks.parts_progress import PartsProgress
from sharpdepth_blender.tasks.self_test import _PICTURE, begin_self_test, untried, verdict

with np.load(_PICTURE) as file:
    RGB, TRUTH = file["rgb"], file["depth"].astype(np.float32)


def judged(outcome, metric=None, name="moge-2-vitl-normal", notes=(), estimator=None):
    job = Job({"type": "infer"}, {})
    if isinstance(outcome, np.ndarray):
        lens, metric = (1.0, 1.0, 1.0, 1.0), outcome if metric is None else metric
        outcome = DepthResult(
            outcome, metric, outcome, 1.0, 0.0, lens, {}, {}, [*notes], "a", "cpu"
        )
    job.finish(outcome)
    return verdict(job, name, estimator)


def test_depth_of_any_scale_is_right_and_its_scale_told():
    found = judged(TRUTH * np.float32(1.25))
    assert found.right
    assert found.words == (
        "Self-test right: of two points in the test picture the nearer one is told in 100% of all "
        "cases; the scale is off by a factor of 1.25."
    )


def test_what_a_picture_cannot_try_is_told():
    words = judged(TRUTH, 1.01 * TRUTH, "sharpdepth-video").words
    assert words.startswith("Self-test right: ")
    assert words.endswith(untried("video-depth-anything-small"))


WRONG = {
    "is nearly the same everywhere in the test picture": np.full_like(TRUTH, 4),
    "is turned round: what is near in the test picture is told to be far": 10 / TRUTH,
    "is missing in 50% of the test picture": np.where(
        np.arange(TRUTH.shape[1]) % 2, TRUTH, np.float32(np.nan)
    ),
    r"does not fit the test picture: of two points the nearer one is told in (49|50|51)% of all "
    "cases, and by chance it would be in 50%": np.random.default_rng(0)
    .uniform(1, 9, TRUTH.shape)
    .astype(np.float32),
    r"does not fit the test picture: of two points the nearer one is told in \d\d%": TRUTH[:, ::-1]
    * np.linspace(1, 3, TRUTH.shape[1], dtype=np.float32),
}


@pytest.mark.parametrize("what", WRONG)
def test_it_is_told_what_is_wrong_with_depth(what):
    found = judged(WRONG[what])
    assert not found.right
    start = f"Self-test wrong: the depth by moge-2-vitl-normal {what}"
    assert re.match(start, found.words)
    assert found.words.endswith(". Remove these weights and get them again.")


def test_of_two_networks_it_is_told_whose_depth_is_wrong():
    flat, preset = np.full_like(TRUTH, 4), PRESETS["sharpdepth-moge"]
    assert judged(TRUTH, 1.01 * TRUTH, "sharpdepth-moge").right
    for depth, metric, guilty in (
        (flat, TRUTH, preset.network), (TRUTH, flat, preset.estimator),
        (flat, flat, preset.estimator),
    ):  # fmt: skip
        assert f"the depth by {guilty} is nearly" in judged(depth, metric, "sharpdepth-moge").words
    words = judged(TRUTH, flat, "sharpdepth-moge", estimator="da3-metric-large").words
    assert "the depth by da3-metric-large is nearly" in words


@pytest.mark.parametrize("name", ["sharpdepth-moge", "sharpdepth-v1.0", "lotus-depth-g"])
def test_a_network_whose_depth_was_put_aside_is_wrong(name):
    """What is returned in its place is right, but is not by it."""
    found = judged(TRUTH, TRUTH, name, notes=["The sharpened depth is inverted."])
    guilty = "sharpdepth-v1.0" if name == "sharpdepth-moge" else name
    assert not found.right and found.words == (
        f"Self-test wrong: the depth by {guilty} was of no use. The sharpened depth is inverted. "
        "Remove these weights and get them again."
    )
    assert judged(TRUTH, 1.01 * TRUTH, name).right
    assert judged(TRUTH, TRUTH, "metric").right and judged(TRUTH, TRUTH).right


def test_weights_that_do_not_load_say_why_and_a_cancel_is_none():
    found = judged(JobError("weights_missing", "It lacks a tensor."))
    assert not found.right and found.words == "Self-test failed: It lacks a tensor."
    with pytest.raises(JobError, match="canceled"):
        judged(JobError("cancelled", "It was canceled."))


class Recorder:
    def infer(self, rgb, **options):
        np.testing.assert_array_equal(rgb, RGB)
        return options


def test_what_is_tried_is_what_the_weights_are_for():
    assert begin_self_test(Recorder(), "sharpdepth-moge")["model"] == "sharpdepth-moge"
    alone = begin_self_test(Recorder(), "da3-metric-large")
    assert (alone["model"], alone["estimator"]) == ("metric", "da3-metric-large")
    chosen = begin_self_test(Recorder(), "sharpdepth-moge", "da3-metric-large")
    assert (chosen["model"], chosen["estimator"]) == ("sharpdepth-moge", "da3-metric-large")
    refined = begin_self_test(Recorder(), "prompt-depth-anything")["metric_depth"]
    assert refined.shape == TRUTH.shape and len(np.unique(refined[:8, :8])) == 1
    network = begin_self_test(Recorder(), "lotus-depth-g")
    assert (network["model"], network["estimator"]) == ("lotus-aligned", "preview")  # bundled
    refiner = begin_self_test(Recorder(), "prompt-depth-anything-vits")
    assert refiner["model"] == "prompt-depth-anything" and "estimator" not in refiner
    assert refiner["metric_depth"].shape == TRUTH.shape
    for name in WEIGHTS:
        is_tried = not name.startswith("video-") and not WEIGHTS[name].inpaints
        assert (begin_self_test(Recorder(), name) is not None) == is_tried
    assert "not a shot" in untried("video-depth-anything-small")
    assert "is of depth" in untried(INPAINTER.name)


def test_the_bundled_model_is_right():
    with Engine() as engine:
        found = verdict(begin_self_test(engine, "preview"), "preview")
    assert found.right, found.words


def test_one_bar_over_all_parts_never_falls():
    parts = PartsProgress([100, 300])

    def follow(done, total, message="Downloading"):
        event = Progress("weights", 0.0, message, bytes_done=done, bytes_total=total)
        return parts.follow(event)

    seen = [follow(0, None), follow(0, 120), follow(60, 120), follow(120, 120), follow(3, 120),
            follow(120, 120)]  # fmt: skip
    assert seen[:3] == [(0, 400), (0, 420), (60, 420)] and seen[3:] == [(120, 420)] * 3
    parts.next_part()
    assert follow(0, None) == (120, 420)
    assert follow(150, 280) == (270, 400)
    assert follow(280, 280) == (400, 400)
