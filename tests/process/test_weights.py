"""The weights library, as Blender asks for it through the engine's process."""

import sys
import time

import numpy as np
import pytest

from sharpdepth_blender.process import Engine
from tests.library.loopback import Fault, Host, safetensors

NAME = "depth-anything-v2-indoor-small"
REPOSITORY = "depth-anything/Depth-Anything-V2-Metric-Indoor-Small-hf"
FILES = {
    "config.json": b"{}",
    "model.safetensors": safetensors(1, 3_000_000),
    "preprocessor_config.json": b"{}",
}


@pytest.fixture
def given(tmp_path):
    folder = tmp_path / "given"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    for name in ("SHARPDEPTH_MODELS", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "library"


@pytest.fixture
def bare(process, library):
    """An engine in this interpreter, which has none of the engine's packages."""
    with process.Engine(sys.executable, models=library) as engine:
        yield engine


@pytest.fixture
def real(library, monkeypatch):
    """The real engine, a library for it, and a hub on the loopback."""
    with Host() as host:
        host.publish(REPOSITORY, FILES)
        monkeypatch.setenv("HF_ENDPOINT", host.url)
        with Engine(models=library) as engine:
            engine.host = host
            yield engine


def fail(job):
    with pytest.raises(Exception) as caught:
        job.wait()
    assert type(caught.value).__name__ == "JobError"
    return caught.value


def test_weights_are_added_and_verified_with_progress(bare, library, given):
    events = []
    result = bare.add_weights(NAME, given).wait(events.append)
    size = sum(map(len, FILES.values()))
    assert (result.name, result.where, result.size) == (NAME, "library", size)
    assert result.folder == library / NAME and result.notes == []
    assert (library / NAME / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    told = [event for event in events if event.stage == "weights"]
    assert told[-1].bytes_done == told[-1].bytes_total == size and told[-1].fraction == 1
    assert bare.verify_weights(NAME).wait() == result


def test_a_folder_is_found_from_where_the_caller_stands(bare, library, given, monkeypatch):
    monkeypatch.chdir(given.parent)
    assert bare.add_weights(NAME, "given").wait().folder == library / NAME


def test_a_library_named_by_a_relative_path_is_the_caller_s(process, given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHARPDEPTH_MODELS", "mine")
    with process.Engine(sys.executable) as engine:
        assert engine.add_weights(NAME, given).wait().folder == tmp_path / "mine" / NAME


def test_errors_of_the_library_keep_kind_and_sentence(bare, library, given, tmp_path):
    bare.add_weights(NAME, given).wait()
    (library / NAME / "config.json").write_bytes(b"{ }")
    for job, kind, word in [
        (bare.get_weights("nonesuch"), "unknown_weights", "nonesuch"),
        (bare.verify_weights("depth-pro"), "weights_missing", "depth-pro"),
        (bare.add_weights("depth-pro", tmp_path), "weights_missing", "config.json"),
        (bare.verify_weights(NAME), "damaged", "config.json"),
        (bare.get_weights("depth-pro"), "engine_missing", "vendor_install.py"),
    ]:
        error = fail(job)
        assert error.kind == kind and word in error.message and "\n" not in error.message


def test_a_model_is_loaded_anew_when_weights_have_changed(bare, given):
    def loads():
        return int(bare.infer(np.zeros((4, 6, 3), np.uint8)).wait().notes[1])

    assert [loads(), loads()] == [1, 1]
    bare.add_weights(NAME, given).wait()
    assert loads() == 2
    bare.verify_weights(NAME).wait()
    assert loads() == 2


def test_a_download_is_told_byte_by_byte(real, library):
    events = []
    result = real.get_weights(NAME).wait(events.append)
    assert result.folder == library / NAME and result.size == sum(map(len, FILES.values()))
    done = [event.bytes_done for event in events if event.bytes_total]
    assert done == sorted(done) and done[-1] == result.size
    assert any(event.message == "Downloading model.safetensors" for event in events)
    real.host.requests.clear()
    assert real.get_weights(NAME).wait().folder == result.folder and real.host.requests == []


def test_a_cancelled_download_keeps_what_arrived_and_the_child_stays(real, library):
    path = f"/{REPOSITORY}/model.safetensors"
    real.host.faults[path] = Fault(pause=0.05)
    job = real.get_weights(NAME)
    while not any((event.bytes_done or 0) > 1_000_000 for event in job.poll()):
        assert not job.done
        time.sleep(0.02)
    pid = real.pid
    job.cancel()
    assert fail(job).kind == "cancelled" and real.pid == pid
    assert not (library / NAME).exists()
    real.host.faults.clear()
    real.get_weights(NAME).wait()
    assert len(real.host.ranges[path]) == 1
