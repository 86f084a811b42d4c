"""What the engine's handle does when nothing goes wrong."""

import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

RGB = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


def test_a_result_comes_back_whole(engine):
    depth = np.linspace(1, 3, 24, dtype=np.float32).reshape(4, 6)
    job = engine.infer(
        RGB, intrinsics=(5, 6, 7, 8), metric_depth=depth, model="any", device="cpu", seed=3
    )
    result = job.wait()
    np.testing.assert_array_equal(result.depth, depth + 3)
    np.testing.assert_array_equal(result.metric_depth, depth)
    assert result.depth.dtype == np.float32 and result.difference.shape == (4, 6)
    assert (result.scale, result.shift) == (2.0, -1.0)
    assert result.intrinsics == (5.0, 6.0, 7.0, 8.0)
    assert result.seconds == {"metric_depth": 0.25}
    assert result.memory == {"metric_depth": 5_000_000_000}
    assert (result.model, result.device) == ("any", "cpu")
    assert job.done and job.wait() is result


def test_a_start_imports_beside_other_jobs(engine, process, tmp_path):
    (tmp_path / "picture.npy").write_bytes(b"")
    assert engine.start().wait() == process.client.StartResult()
    child = engine.pid
    with pytest.raises(process.JobError):
        engine.read_picture(tmp_path / "picture.npy").wait()
    assert engine.infer(RGB, model="any").wait().depth.shape == (4, 6)
    assert engine.pid == child


def test_a_picture_is_read(engine, tmp_path, monkeypatch):
    np.save(tmp_path / "Bäume 🌲 1.npy", RGB)
    monkeypatch.chdir(tmp_path)
    picture = engine.read_picture("Bäume 🌲 1.npy").wait()
    np.testing.assert_array_equal(picture.rgb, RGB)
    assert picture.focal_35mm == 35.0 and picture.notes == ["Bäume 🌲 1.npy"]


def test_an_error_of_the_engine_keeps_kind_and_sentence(engine, process, tmp_path):
    for job, kind, sentence in [
        (engine.read_picture(tmp_path / "none"), "bad_image", f"There is no file {tmp_path}/none."),
        (engine.infer(RGB, model="unknown"), "unknown_model", "There is no model “unknown”."),
        (engine.infer(RGB, model="fails"), "internal", "The engine failed: RuntimeError: a fault"),
        (engine.infer(RGB, model="memory"), "out_of_memory", None),
    ]:
        with pytest.raises(process.JobError) as caught:
            job.wait()
        assert caught.value.kind == kind
        assert str(caught.value) == caught.value.message == (sentence or caught.value.message)
        assert "Traceback" in caught.value.log
    assert engine.infer(RGB).wait().model == "preview"


def test_it_is_busy_until_its_last_job_is_done(engine):
    assert not engine.busy
    jobs = [engine.infer(RGB, model=model) for model in ("slow", "preview")]
    jobs[0].cancel()
    assert engine.busy
    jobs[1].wait()
    assert not engine.busy


def test_a_sky_comes_from_models_that_find_it(engine):
    sky = engine.infer(RGB, model="sky").wait().sky
    np.testing.assert_array_equal(sky, np.full((4, 6), 0.25, np.float32))
    assert engine.infer(RGB).wait().sky is None


def test_progress_comes_in_order_with_the_metric_depth_early(engine):
    events = []
    threads = []

    def listen(event):
        events.append(event)
        threads.append(threading.current_thread())

    engine.infer(RGB).wait(listen)
    assert [event.stage for event in events] == ["start", "start", "load", "metric_depth"]
    assert events[0].message == "Starting the engine"
    assert events[2].message == "Loading the model"
    fractions = [event.fraction for event in events]
    assert fractions == sorted(fractions) and fractions[-1] == 0.5
    np.testing.assert_array_equal(events[-1].metric_depth, np.full((4, 6), 2, np.float32))
    assert events[-1].intrinsics == (1, 2, 3, 4)
    assert set(threads) == {threading.current_thread()}


def test_polling_never_blocks(engine):
    job = engine.infer(RGB, model="slow")
    times, events = [], []
    while not job.done:
        before = time.perf_counter()
        events += job.poll()
        times.append(time.perf_counter() - before)
        time.sleep(0.005)
    events += job.poll()
    # The median: on a machine that is busy with something else, any call may be held up.
    assert sorted(times)[len(times) // 2] < 0.001
    assert [event.stage for event in events if "stage" in event.stage] == [
        f"stage {number}" for number in range(20)
    ]


def test_a_model_is_loaded_once(engine):
    def loads(**wanted):
        return int(engine.infer(RGB, **wanted).wait().notes[1])

    assert [loads(), loads(), loads(device="cpu"), loads(device="cpu"), loads()] == [1, 1, 2, 2, 3]
    assert [loads(precision="fp32"), loads(precision="fp32"), loads(estimator="other")] == [4, 4, 5]


def test_the_model_has_its_own_resolution_back_after_another(engine):
    def resolution(number):
        return engine.infer(RGB, resolution=number).wait().notes[0]

    assert [resolution(None), resolution(128), resolution(0), resolution(None)] == [
        "64",
        "128",
        "0",
        "64",
    ]


@pytest.mark.parametrize("number", [15, 8193, 1_000_000, -1])
def test_a_resolution_that_no_machine_can_run_is_refused(engine, number):
    with pytest.raises(ValueError, match=f"16 to 8192, not {number}"):
        engine.infer(RGB, resolution=number)


def test_detail_is_handed_on(engine):
    assert engine.infer(RGB).wait().notes[3] == "edges"
    assert engine.infer(RGB, detail="tiles").wait().notes[3] == "tiles"
    assert engine.infer(RGB, ahead=True).wait().notes[4:] == ["ahead"]


def test_points_are_handed_on(engine):
    points = np.array([[1.5, 2.5, 3.0], [3.5, 0.5, 5.0]])
    job = engine.infer(RGB, metric_points=points)
    points[:] = 9  # it has its own
    assert (job.wait().metric_depth == 4).all()
    with pytest.raises(TypeError, match="metric_points"):
        engine.infer(RGB, metric_points=np.array([[None]]))


def test_jobs_run_one_after_another(engine):
    jobs = [engine.infer(RGB, seed=seed) for seed in range(5)]
    assert [int(job.wait().depth[0, 0]) for job in reversed(jobs)] == [6, 5, 4, 3, 2]


def test_arrays_are_copied_when_the_job_is_made(engine):
    picture = np.ones((4, 6))
    depth = np.ones((4, 6), np.float32)
    first, second = engine.infer(RGB), engine.infer(picture, metric_depth=depth)
    depth[:] = 9
    first.wait()
    assert second.wait().depth.max() == 1


def test_only_numbers_are_taken(engine):
    with pytest.raises(TypeError, match="rgb"):
        engine.infer(np.array([[[None]]]))


def test_an_idle_child_is_ended_and_comes_back(process, gone):
    with process.Engine(sys.executable, idle_seconds=0.3) as engine:
        engine.infer(RGB).wait()
        first = engine.pid
        assert gone(first, 5) and engine.pid is None
        engine.infer(RGB).wait()
        assert engine.pid != first


def test_closing_ends_the_child_and_what_is_queued(engine, process, gone):
    running, queued = engine.infer(RGB, model="slow"), engine.infer(RGB)
    while not any(event.stage == "stage 1" for event in running.poll()):
        time.sleep(0.01)
    pid = engine.pid
    before = time.monotonic()
    engine.close()
    assert time.monotonic() - before < 3.0 and gone(pid)
    for job in (running, queued):
        with pytest.raises(process.JobError) as caught:
            job.wait()
        assert caught.value.kind == "cancelled"
    with pytest.raises(RuntimeError, match="closed"):
        engine.infer(RGB)
    engine.close()


def test_an_engine_that_had_no_job_has_no_process(process):
    with process.Engine() as engine:
        assert engine.pid is None


def test_a_model_folder_is_found_from_where_the_caller_stands(engine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for place, name in [
        ("preview", "preview"),
        ("./mine", f"{tmp_path}/mine"),
        (Path("mine"), f"{tmp_path}/mine"),
    ]:
        assert engine.infer(RGB, model=place).wait().model == name
        result = engine.infer(RGB, estimator=place, precision="bf16").wait()
        assert result.notes[2] == str(("bf16", name))
