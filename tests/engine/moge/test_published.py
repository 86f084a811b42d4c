"""MoGe-2 from where it is published to a depth map."""

import json
import sys
from functools import partial

import pytest
import torch
from huggingface_hub import hf_hub_url
from safetensors.torch import load_file

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.estimators import CONVERTERS, load_estimator
from sharpdepth_blender.library import PRESETS, WEIGHTS, Library, LibraryError
from sharpdepth_blender.library.download import get, sources
from sharpdepth_blender.process import Engine
from tests.library.loopback import Fault, Host

PRESET = next(each for each in PRESETS.values() if "recommended" in each.purpose)
WANTED = WEIGHTS[PRESET.estimator]
FILE = f"/{WANTED.source.repository}/model.pt"


@pytest.fixture
def library(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("SHARPDEPTH_MODELS", str(tmp_path / "library"))
    return Library()


@pytest.fixture
def hub(monkeypatch):
    with Host() as host:
        monkeypatch.setattr(sources, "hf_hub_url", partial(hf_hub_url, endpoint=host.url))
        yield host


@pytest.fixture
def published(folder, tmp_path):
    """The tiny network as its authors publish it."""
    content = {
        "model_config": json.loads((folder / "config.json").read_text()),
        "model": load_file(folder / "model.safetensors"),
    }
    (tmp_path / "from elsewhere").mkdir()
    torch.save(content, tmp_path / "from elsewhere" / "model.pt")
    return tmp_path / "from elsewhere" / "model.pt"


def test_weights_are_downloaded_converted_and_loaded(hub, library, folder, published):
    content = torch.load(published, weights_only=True)
    hub.publish(WANTED.source.repository, {"model.pt": published.read_bytes()})
    installed = get(WANTED, library, lambda *_: None, CONVERTERS[WANTED.converter])
    assert installed.where == "library" and "model.pt" in installed.notes[0]
    network = load_estimator(WANTED.name)
    for name, tensor in load_file(installed.folder / "model.safetensors").items():
        assert torch.equal(tensor, content["model"][name]), name
    assert sum(each.numel() for each in network.parameters()) > 0


def test_what_else_is_published_is_refused_and_not_kept(hub, library, tmp_path):
    torch.save([1, 2], tmp_path / "model.pt")
    hub.publish(WANTED.source.repository, {"model.pt": (tmp_path / "model.pt").read_bytes()})
    with pytest.raises(EngineError, match="not a checkpoint of MoGe-2"):
        get(WANTED, library, lambda *_: None, CONVERTERS[WANTED.converter])
    assert library.installed(WANTED) is None and not library.place(WANTED).exists()


def test_a_hub_that_goes_down_midway_is_continued_where_it_was(
    hub, library, published, monkeypatch
):
    data, down = published.read_bytes(), Fault(status=503, times=99)
    hub.publish(WANTED.source.repository, {"model.pt": data})
    hub.faults[FILE] = Fault(cut=len(data) // 2)
    monkeypatch.setattr("time.sleep", lambda seconds: hub.faults.update({FILE: down}))
    with pytest.raises(LibraryError, match="answers with HTTP 503; try later"):
        get(WANTED, library, lambda *_: None, CONVERTERS[WANTED.converter])
    assert library.installed(WANTED) is None
    hub.faults.clear()
    hub.served.clear()
    get(WANTED, library, lambda *_: None, CONVERTERS[WANTED.converter])
    assert hub.served[FILE] < len(data) and hub.ranges[FILE]
    assert load_estimator(WANTED.name)


def test_a_hub_that_answers_with_an_error_keeps_nothing(hub, library, published, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    hub.publish(WANTED.source.repository, {"model.pt": published.read_bytes()})
    hub.faults[FILE] = Fault(status=503, times=99)
    with pytest.raises(LibraryError, match="answers with HTTP 503; try later"):
        get(WANTED, library, lambda *_: None, CONVERTERS[WANTED.converter])
    assert library.installed(WANTED) is None and not library.place(WANTED).exists()


@pytest.mark.parametrize("name", ["model.pt", "moge-2-vitl-normal.pt", "MoGe 2 (large).pth"])
@pytest.mark.parametrize("given", ["file", "folder"])
def test_a_file_given_by_hand_is_converted_under_any_name(name, given, library, published):
    path = published.rename(published.with_name(name))
    where = path if given == "file" else path.parent
    library.add(WANTED, where, lambda *_: None, CONVERTERS[WANTED.converter])
    assert path.is_file() and load_estimator(WANTED.name)


@pytest.mark.parametrize("given", ["folder", "model.safetensors", "config.json"])
def test_converted_files_are_taken_as_they_are(given, library, folder):
    """Such as from another computer's library."""
    where = folder if given == "folder" else folder / given
    library.add(WANTED, where, lambda *_: None, CONVERTERS[WANTED.converter])
    assert load_estimator(WANTED.name)


def test_the_engines_process_asks_the_mirror_and_converts(library, published, monkeypatch):
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    with Host() as mirror:
        mirror.publish(WANTED.source.repository, {"model.pt": published.read_bytes()})
        monkeypatch.setenv("HF_ENDPOINT", mirror.url)
        with Engine(sys.executable, models=library.folder) as engine:
            installed = engine.get_weights(WANTED.name).wait()
            assert "Converted from model.pt" in installed.notes[0]
            assert any(each.startswith("GET") for each in mirror.requests)
        assert load_estimator(WANTED.name)
