import json

import pytest
import torch
from safetensors.numpy import save_file

from sharpdepth_blender.engine.moge import load_moge
from tests.engine.named_weights import named_weights


@pytest.fixture(scope="session")
def case():
    """The golden case: description, tensors by key, numbers."""
    return named_weights("moge2_tiny")


@pytest.fixture(scope="session")
def folder(case, tmp_path_factory):
    """Its network as a folder of weights; no test may change it."""
    described, tensors, _ = case
    folder = tmp_path_factory.mktemp("moge")
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(described["config"]))
    return folder


@pytest.fixture(scope="session")
def network(folder):
    return load_moge(folder)


@pytest.fixture(scope="session")
def picture(case):
    """The golden picture, (1, 3, h, w) in 0..255."""
    return torch.from_numpy(case[2]["image"]).permute(2, 0, 1)[None].float()
