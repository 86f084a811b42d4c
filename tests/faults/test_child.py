"""A child that goes wrong at each stage of a job: one sentence, and the next job works."""

import os
import signal
import sys
import time

import numpy as np
import pytest

from tests.faults.conftest import assert_sentence
from tests.process.conftest import _gone, engine, extension, gone, process  # noqa: F401  (fixtures)

RGB = np.zeros((4, 6, 3), np.uint8)
STAGES = ["load", "stage 0", "stage 3", "metric_depth"]
FAULTS = {
    "killed": ("child_died", "was killed, probably because memory ran out"),
    "exits": ("child_died", "exited with code 7"),
    "out of memory": ("out_of_memory", "Not enough memory"),
    "lacks a package": ("engine_missing", "is incomplete (No module named 'nothing_of_the_name')"),
    "garbled": ("bad_message", "The engine sent an invalid message"),
    "half a line": ("bad_message", "The engine sent an invalid message"),
    "loses its folder": ("disk_error", "temporary folder"),
    "disk full": ("disk_full", "No space is left on the disk."),
}


def fail(process, job):  # noqa: F811
    with pytest.raises(process.JobError) as caught:
        job.wait()
    assert_sentence(caught.value.message)
    return caught.value


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault(engine, process, fault, stage):  # noqa: F811
    kind, words = FAULTS[fault]
    error = fail(process, engine.infer(RGB, model=f"{fault}@{stage}"))
    assert error.kind == kind and words in error.message, (error.kind, error.message)
    assert engine.infer(RGB).wait().model == "preview"


@pytest.mark.parametrize("stage", STAGES)
def test_a_child_that_stops_is_ended_by_a_cancel(engine, process, gone, stage):  # noqa: F811
    job = engine.infer(RGB, model=f"stopped@{stage}")
    while not (engine.pid and _is_stopped(engine.pid)):
        assert not job.done
        time.sleep(0.005)
    pid = engine.pid
    job.cancel()
    assert fail(process, job).kind == "cancelled" and gone(pid)
    assert engine.infer(RGB).wait().model == "preview"


def _is_stopped(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "T"


@pytest.mark.parametrize("stage", STAGES)
def test_a_child_that_stops_is_ended_with_the_engine(process, tmp_path, monkeypatch, stage):  # noqa: F811
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with process.Engine(sys.executable) as engine:  # noqa: F811
        job = engine.infer(RGB, model=f"stopped@{stage}")
        while not (engine.pid and _is_stopped(engine.pid)):
            time.sleep(0.005)
        pid = engine.pid
    assert fail(process, job).kind == "cancelled"
    assert _gone(pid, 1) and list(folder.iterdir()) == []


@pytest.mark.parametrize("stage", ["load", "stage 3"])
def test_a_child_that_stops_for_a_while_goes_on(engine, stage):  # noqa: F811
    """As when a computer sleeps."""
    job = engine.infer(RGB, model=f"stopped@{stage}")
    while not (engine.pid and _is_stopped(engine.pid)):
        time.sleep(0.005)
    time.sleep(0.1)
    os.kill(engine.pid, signal.SIGCONT)
    assert job.wait().model == f"stopped@{stage}"


@pytest.mark.parametrize("when", ["before", "between"])
def test_the_temporary_folder_goes(engine, process, tmp_path, when):  # noqa: F811
    """As by a program that cleans up."""
    folder = tmp_path / "temporary"
    if when == "between":
        engine.infer(RGB).wait()
        for path in folder.iterdir():
            path.rmdir()
    folder.rmdir()
    error = fail(process, engine.infer(RGB))
    assert error.kind == "disk_error"
    folder.mkdir()
    assert engine.infer(RGB).wait().model == "preview"
