"""Prompt Depth Anything, tiny and random but in the true format, against transformers' own way."""

import json

import numpy as np
import pytest
import torch
from transformers import (
    PromptDepthAnythingConfig,
    PromptDepthAnythingForDepthEstimation,
    PromptDepthAnythingImageProcessorPil,
)

from sharpdepth_blender.engine import SharpDepth
from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.prompt_depth import PromptDepth, make_prompt
from tests.engine.tiny_depth_anything import tiny_settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder as the released ones are; no test may change it."""
    folder = tmp_path_factory.mktemp("prompt")
    torch.manual_seed(5)
    config = PromptDepthAnythingConfig(**tiny_settings())
    network = PromptDepthAnythingForDepthEstimation(config)
    with torch.no_grad():
        for weights in network.parameters():
            if weights.dim() > 1:  # the library's own beginnings answer almost one number
                weights.normal_(0, weights[0].numel() ** -0.5)
    network.save_pretrained(folder)
    PromptDepthAnythingImageProcessorPil(
        size={"height": 70, "width": 98},
        ensure_multiple_of=14,
        keep_aspect_ratio=True,
        do_pad=False,
        prompt_scale_to_meter=0.001,
    ).save_pretrained(folder)
    return folder


def picture(height, width):
    random = np.random.default_rng(1)
    shapes = random.integers(0, 255, (4, 5, 3), dtype=np.uint8)
    return shapes.repeat(-(-height // 4), 0)[:height].repeat(-(-width // 5), 1)[:, :width]


def millimeters(height, width):
    """A slope with a step, as a sensor writes it."""
    depth = np.linspace(900, 3100, height * width).reshape(height, width)
    depth[:, width // 2 :] += 1500
    return depth.round().astype(np.int32)


@pytest.mark.parametrize("size", [(48, 64), (64, 40), (33, 47), (70, 98)])
def test_the_answer_is_transformers_own(folder, size):
    network = PromptDepthAnythingForDepthEstimation.from_pretrained(folder).eval()
    processor = PromptDepthAnythingImageProcessorPil.from_pretrained(folder)
    rgb, prompt = picture(*size), millimeters(12, 16)
    inputs = processor(images=rgb, prompt_depth=prompt, return_tensors="pt")
    with torch.no_grad():
        wanted = network(**inputs).predicted_depth
    assert wanted.std() > 0.05
    ours = PromptDepth.from_folder(folder).refine(
        torch.from_numpy(rgb).permute(2, 0, 1)[None].int(),
        torch.from_numpy(prompt / 1000).float()[None, None],
    )
    torch.testing.assert_close(ours[:, 0], wanted, rtol=1e-5, atol=0)


def test_a_phones_map_is_its_own_prompt():
    """What was enlarged to the picture comes back as it was measured."""
    small = torch.from_numpy(millimeters(192, 256) / 1000).float()[None, None]
    large = small.repeat_interleave(4, 2).repeat_interleave(4, 3)
    prompt = make_prompt(large, torch.ones_like(large, dtype=torch.bool))
    torch.testing.assert_close(prompt, small)


def test_a_prompt_is_the_mean_of_what_was_measured_and_has_no_holes():
    depth = torch.full((1, 1, 512, 512), 2.0)
    depth[..., ::2, :] = 99.0
    measured = torch.zeros_like(depth, dtype=torch.bool)
    measured[..., 1::2, :300] = True
    prompt = make_prompt(depth, measured)
    assert prompt.shape == (1, 1, 256, 256)
    torch.testing.assert_close(prompt, torch.full_like(prompt, 2.0))


def test_a_small_map_is_not_enlarged():
    depth = torch.rand(1, 1, 30, 40) + 1
    assert torch.equal(make_prompt(depth, torch.ones_like(depth, dtype=torch.bool)), depth)


@pytest.mark.parametrize("detail", ["off", "edges"])
@pytest.mark.parametrize("size", [(96, 128), (1, 7), (301, 45)])
def test_a_measured_map_is_refined_within_its_range(folder, size, detail):
    depth = millimeters(*size) / 1000
    depth[: size[0] // 3] = 0
    depth[-1, -1] = 4.5
    result = SharpDepth.load(folder).infer(picture(*size), metric_depth=depth, detail=detail)
    assert result.depth.shape == size and np.isfinite(result.depth).all()
    assert result.depth.min() > 0.05 and result.depth.max() < 10
    assert (result.metric_depth > 0).all() and (result.difference == 0).all()
    assert set(result.seconds) == {"metric_depth", "refine", "enlarge"}


def test_what_was_changed_is_told(folder):
    depth = millimeters(96, 128) / 1000
    notes = SharpDepth.load(folder).infer(picture(96, 128), metric_depth=depth).notes
    assert any(note.startswith("Refining changed ") for note in notes)


def test_a_constant_map_is_kept(folder):
    depth = np.full((48, 64), 3.0, np.float32)
    result = SharpDepth.load(folder).infer(picture(48, 64), metric_depth=depth)
    assert (result.depth == 3).all()
    assert "constant" in " ".join(result.notes)


def test_there_has_to_be_a_map(folder):
    model = SharpDepth.load(folder)
    with pytest.raises(EngineError, match="needs a metric depth map"):
        model.infer(picture(48, 64))


def test_scattered_points_are_refined_like_a_map(folder):
    depth = np.zeros((96, 128), np.float32)
    depth[::19, ::23] = 2 + np.arange(36).reshape(6, 6) / 10
    result = SharpDepth.load(folder).infer(picture(96, 128), metric_depth=depth)
    assert 1 < np.median(result.depth) < 6


def test_what_a_folder_lacks_is_named(folder, tmp_path):
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    del settings["ensure_multiple_of"]
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(settings))
    with pytest.raises(EngineError, match="lacks: ensure_multiple_of"):
        SharpDepth.load(tmp_path)


def test_an_estimator_would_not_be_used(folder):
    with pytest.raises(EngineError, match="takes no estimator") as error:
        SharpDepth.load(folder, estimator="unidepth-v2-vits14")
    assert error.value.kind == "bad_request"
