from pathlib import Path

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.pipeline import SharpDepthPipeline

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


@pytest.fixture(scope="session")
def tiny_folder():
    return GOLDEN / "tiny_sharpdepth"


@pytest.fixture(scope="session")
def tiny(tiny_folder):
    """The tiny model of the goldens; no test may change it."""
    return SharpDepthPipeline.from_pretrained(tiny_folder)


@pytest.fixture(scope="session")
def golden():
    """Golden numbers of a case, as a function of its letter."""
    with np.load(GOLDEN / "sharpdepth_pipeline.npz") as file:
        numbers = dict(file)

    def case(letter):
        return {key[2:]: value for key, value in numbers.items() if key.startswith(letter + "/")}

    return case


@pytest.fixture
def agreeing(tiny, monkeypatch):
    """The tiny pipeline with a decoder that answers what the test says, one map a look.

    Its random weights know nothing of depth, so what the guards and maps make of a *good* answer
    can only be seen with one that is put in.
    """

    def answers(*maps):
        queue = [torch.as_tensor(each, dtype=torch.float32) for each in maps]

        def decode(vae, latent):
            return queue.pop(0).expand(1, 3, -1, -1)

        monkeypatch.setattr("sharpdepth_blender.engine.pipeline.decode", decode)
        return tiny

    return answers


@pytest.fixture
def ramp():
    """Metric depth from 1 to 3 meters and its normalized self, (32, 48)."""
    metric = np.linspace(1, 3, 32 * 48, dtype=np.float32).reshape(32, 48)
    return metric, metric - 2


@pytest.fixture
def photo():
    """A picture of (32, 48) with all kinds of edges."""
    return np.random.default_rng(5).integers(0, 256, (32, 48, 3), dtype=np.uint8)
