"""The real engine in its own environment, seen from Blender's Python."""

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sharpdepth_blender.process import Engine, JobError

ROOT = Path(__file__).parents[2]
MODELS = [ROOT / "sharpdepth_blender/models/preview", ROOT / "../shared/golden/tiny_sharpdepth"]
HEIGHT, WIDTH = 96, 128


@pytest.fixture(scope="module")
def engine():
    if "SHARPDEPTH_ENGINE" not in os.environ:
        pytest.skip("SHARPDEPTH_ENGINE names no engine environment")
    with Engine(cancel_seconds=60) as engine:
        yield engine


@pytest.fixture(scope="module")
def wanted():
    """Arguments of a small job."""
    model = next((folder for folder in MODELS if (folder / "model_index.json").exists()), None)
    if model is None:
        pytest.skip("there is no model")
    ramp = np.linspace(1, 5, WIDTH, dtype=np.float32)
    return {
        "rgb": np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8),
        "metric_depth": np.tile(ramp, (HEIGHT, 1)),
        "model": model,
        "device": "cpu",
        "resolution": WIDTH,
    }


def begin(engine, wanted, stage):
    job = engine.infer(**{**wanted, "resolution": 512})
    until = time.monotonic() + 200
    while not any(event.stage == stage for event in job.poll()):
        assert time.monotonic() < until and not job.done
        time.sleep(0.002)
    return job


def test_torch_stays_out_of_this_process(engine, wanted):
    events = []
    first = engine.infer(**wanted).wait(events.append)
    assert "torch" not in sys.modules
    assert first.depth.shape == first.difference.shape == (HEIGHT, WIDTH)
    assert first.depth.dtype == np.float32 and first.depth.min() > 0
    np.testing.assert_allclose(first.metric_depth, wanted["metric_depth"], rtol=1e-4)
    assert len(first.intrinsics) == 4 and first.device == "cpu"
    assert first.memory.keys() == first.seconds.keys() and min(first.memory.values()) > 0
    assert sum(event.metric_depth is not None for event in events) == 1
    fractions = [event.fraction for event in events]
    assert fractions == sorted(fractions) and {"start", "load"} <= {e.stage for e in events}
    again = []
    second = engine.infer(**wanted).wait(again.append)
    np.testing.assert_array_equal(first.depth, second.depth)
    assert not {"start", "load"} & {event.stage for event in again}


def test_no_library_leaves_a_cache_in_the_temporary_folder(wanted, tmp_path, monkeypatch):
    """As PyTorch's `torchinductor_*`."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Engine() as engine:
        engine.infer(**wanted).wait()
        (own,) = tmp_path.iterdir()  # of the child
        assert own.name.startswith("sharpdepth-")
    assert not list(tmp_path.iterdir())


def test_a_real_picture_is_read(engine, tmp_path):
    path = tmp_path / "Bäume 🌲.ppm"
    path.write_bytes(b"P6 3 2 255\n" + bytes(range(18)))
    picture = engine.read_picture(path).wait()
    np.testing.assert_array_equal(picture.rgb.ravel(), np.arange(18))
    with pytest.raises(JobError) as caught:
        engine.read_picture(tmp_path).wait()
    assert caught.value.kind == "bad_image"


@pytest.mark.parametrize(
    "change, kind",
    [
        ({"model": "no such preset"}, "unknown_model"),
        ({"precision": "fp8"}, "bad_request"),
        ({"estimator": "no such weights", "metric_depth": None}, "unknown_model"),
        ({"metric_depth": np.ones((2, 2), np.float32)}, "bad_depth"),
        ({"rgb": np.zeros((4, 4), np.uint8)}, "bad_image"),
    ],
)
def test_the_engine_s_errors(engine, wanted, change, kind):
    with pytest.raises(JobError) as caught:
        engine.infer(**{**wanted, **change}).wait()
    assert caught.value.kind == kind and "\n" not in caught.value.message


def test_another_estimator_answers_another_metric_depth(engine, wanted):
    folder = ROOT / "sharpdepth_blender/models/preview"
    alone = engine.infer(
        **{**wanted, "model": "metric", "estimator": folder, "metric_depth": None}
    ).wait()
    np.testing.assert_array_equal(alone.depth, alone.metric_depth)
    assert alone.model == "metric" and np.abs(alone.depth - wanted["metric_depth"]).max() > 0.1


@pytest.mark.parametrize("stage", ["encode_depth", "first_look", "second_look"])
def test_a_cancel_is_answered_within_one_call_of_the_u_net(engine, wanted, stage):
    engine.infer(**wanted).wait()
    pid, job = engine.pid, begin(engine, wanted, stage)
    job.cancel()
    after = []
    with pytest.raises(JobError) as caught:
        job.wait(after.append)
    assert caught.value.kind == "cancelled" and engine.pid == pid
    assert len(after) <= 1  # a stage that began while the cancel was on its way


@pytest.mark.parametrize("stage", ["first_look", "decode"])
def test_the_engine_comes_back_after_it_was_killed(engine, wanted, stage):
    job = begin(engine, wanted, stage)
    os.kill(engine.pid, signal.SIGKILL)
    with pytest.raises(JobError) as caught:
        job.wait()
    assert caught.value.kind == "child_died"
    assert engine.infer(**wanted).wait().depth.shape == (HEIGHT, WIDTH)
