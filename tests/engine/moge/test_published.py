"""MoGe-2 from where it is published to a depth map."""

import json
from functools import partial

import pytest
import torch
from huggingface_hub import hf_hub_url
from safetensors.torch import load_file

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.estimators import CONVERTERS, load_estimator
from sharpdepth_blender.library import WEIGHTS, Library
from sharpdepth_blender.library.download import get, sources
from tests.library.loopback import Host

WANTED = WEIGHTS["moge-2-vits-normal"]


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


def test_weights_are_downloaded_converted_and_loaded(hub, library, folder, tmp_path):
    content = {
        "model_config": json.loads((folder / "config.json").read_text()),
        "model": load_file(folder / "model.safetensors"),
    }
    torch.save(content, tmp_path / "model.pt")
    hub.publish(WANTED.source.repository, {"model.pt": (tmp_path / "model.pt").read_bytes()})
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
