"""The loop of the distillation: what it draws, how fast it learns, and what it refuses."""

import csv
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from sharpdepth_blender.engine.metric import MetricEstimate  # noqa: E402
from training import distill, loop  # noqa: E402
from training.distillation import StepLosses  # noqa: E402
from training.frames import FramesMissingError  # noqa: E402
from training.loop import DivergedError, StateError  # noqa: E402
from training.networks import Networks, trainable_pipeline  # noqa: E402
from training.scenes.frame import frame_path  # noqa: E402

GOLDEN = Path(__file__).parents[1] / "golden"


class Ramp:
    """A metric model that is no torch module, as those of transformers are none here."""

    takes_intrinsics, finds_intrinsics = True, False

    def to(self, device):
        return self

    def predict(self, picture, intrinsics):
        height, width = picture.shape[2:]
        rows = torch.linspace(9, 1, height)[None, None, :, None]
        return MetricEstimate(rows.expand(1, 1, height, width), intrinsics)


@pytest.fixture
def small(small_config, monkeypatch):
    """A distillation of tiny random networks whose every step is recorded and costs nothing."""
    config = small_config.config
    config.variants, config.render.validation = {}, 0
    config.recorded = []

    def load(config):
        return Networks(trainable_pipeline(GOLDEN / "tiny_sharpdepth"), Ramp())

    def step(student, first_looker, teacher, *rest):
        *_, picture, depth, noises, gated, weights = rest
        look = SimpleNamespace(gated=gated, picture=picture, depth=depth, noises=noises)
        config.recorded.append(look)
        loss = sum(p.sum() for p in student.parameters()) * config.fault
        return StepLosses(loss, loss, loss, *[None] * 4)

    config.fault = 1.0
    monkeypatch.setattr(distill, "load_networks", load)
    monkeypatch.setattr(distill, "distillation_step", step)
    return config


def test_eight_looks_of_ten_are_gated_and_none_is_drawn_twice(small):
    small.distill.steps, small.distill.accumulation = 50, 4
    distill.distill(small)
    assert len(small.recorded) == 200
    assert np.mean([look.gated for look in small.recorded]) == pytest.approx(0.8, abs=0.06)
    firsts = {float(noise.flatten()[0]) for look in small.recorded for noise in look.noises}
    assert len(firsts) == 3 * 200
    assert all(look.depth.shape[2:] == look.picture.shape[2:] for look in small.recorded)


def test_the_rate_is_for_each_picture_of_a_step(small):
    small.distill.steps, small.distill.warmup, small.distill.learning_rate = 4, 2, 1e-6
    small.distill.accumulation = 3
    distill.distill(small)
    with open(Path(small.folder) / "distill" / "log.csv", newline="") as file:
        rates = [float(row["learning_rate"]) for row in csv.DictReader(file)]
    assert rates == pytest.approx([1.5e-6, 3e-6, 3e-6, 1.5e-6])


def test_a_loss_that_is_no_number_ends_the_run(small):
    small.fault = float("nan")
    with pytest.raises(DivergedError, match="the loss is nan at draw 0"):
        distill.distill(small)


def test_frames_that_are_missing_are_not_done_without(small):
    frame_path(Path(small.folder) / "frames", "distill", 1_000_003).unlink()
    with pytest.raises(FramesMissingError, match="1 of 6 distill frames are missing"):
        distill.distill(small)


def test_an_interrupted_run_goes_on_with_its_own_pictures_alone(small, monkeypatch):
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0)
    distill.distill(small)
    small.render.distill = 5
    with pytest.raises(StateError, match="started with pictures = 6, not 5"):
        distill.distill(small)


def test_machines_without_a_common_folder_are_told(small, monkeypatch):
    monkeypatch.setattr(distill, "gather_object", lambda steps: [*steps, 3])
    with pytest.raises(StateError, match="use a shared folder"):
        distill.distill(small)
