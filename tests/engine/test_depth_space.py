"""The space in which depth is normalized: linear as published, its logarithm or its inverse."""

import json
import shutil

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.method import SPACES, normalize, relative_depth
from sharpdepth_blender.engine.pipeline import SharpDepthPipeline

DEPTH = torch.tensor([[[[1.0, 2.0, 10.0, 100.0]]]])
GOLDEN = {
    "linear": [-1, 2 / 99 - 1, 18 / 99 - 1, 1],
    "log": [-1, np.log10(2) - 1, 0, 1],
    "inverse": [-1, 1 / 0.99 - 1, 1.8 / 0.99 - 1, 1],
}


@pytest.mark.parametrize("space", SPACES)
def test_normalized_depth_has_its_range_and_order(space):
    found = normalize(DEPTH, space)
    torch.testing.assert_close(found, torch.tensor([[[GOLDEN[space]]]], dtype=torch.float32))
    back = relative_depth(found, DEPTH, space)
    expected = found if space == "linear" else DEPTH
    torch.testing.assert_close(back, expected, rtol=1e-4, atol=0)


@pytest.mark.parametrize("space", ["log", "inverse"])
def test_overshoot_stays_positive_and_finite(space):
    beyond = torch.tensor([[[[-3.0, -1.2, 1.2, 3.0]]]])
    found = relative_depth(beyond, DEPTH, space)
    assert found.isfinite().all() and (found > 0).all() and found.max() <= 1000.001
    assert (found.diff() >= 0).all()


@pytest.mark.parametrize("space", ["log", "inverse"])
def test_a_folder_tells_its_space_and_the_result_is_in_meters(tiny_folder, tmp_path, photo, space):
    """A perfect prediction in any space is the metric depth itself, after the fit."""
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder, folder)
    path = folder / "scheduler" / "scheduler_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"depth_space": space}))
    pipeline = SharpDepthPipeline.from_pretrained(folder)
    metric = np.geomspace(1, 80, 32 * 48, dtype=np.float32).reshape(32, 48)
    perfect = normalize(torch.from_numpy(metric)[None, None], space)
    noise = 0.01 * torch.randn(perfect.shape, generator=torch.Generator().manual_seed(0))
    answers = [perfect + noise, perfect]

    def decode(vae, latent):
        return answers.pop(0).expand(1, 3, -1, -1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sharpdepth_blender.engine.pipeline.decode", decode)
        output = pipeline(photo, metric, 48, fit="global", generator=torch.Generator())
    np.testing.assert_allclose(output.depth, metric, rtol=2e-3)
    pipeline.save_pretrained(tmp_path / "saved")
    again = SharpDepthPipeline.from_pretrained(tmp_path / "saved")
    assert again.scheduler.config["depth_space"] == space


def test_an_unknown_space_is_an_error(tiny_folder, tmp_path):
    shutil.copytree(tiny_folder, tmp_path / "model")
    path = tmp_path / "model" / "scheduler" / "scheduler_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"depth_space": "cubic"}))
    with pytest.raises(EngineError, match="cubic, not one of: linear, log, inverse"):
        SharpDepthPipeline.from_pretrained(tmp_path / "model")
