"""Marigold of a tiny random folder in the true format, against diffusers' own pipeline."""

import json
import shutil

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    LCMScheduler,
    MarigoldDepthPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTokenizer

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.marigold import MarigoldPipeline
from sharpdepth_blender.engine.models import load_aligned


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def theirs(tiny_folder):
    """diffusers' pipeline with the autoencoder and the text encoder of the tiny golden model."""
    torch.manual_seed(2)
    unet = UNet2DConditionModel(
        in_channels=8,
        out_channels=4,
        down_block_types=["CrossAttnDownBlock2D", "DownBlock2D"],
        up_block_types=["UpBlock2D", "CrossAttnUpBlock2D"],
        block_out_channels=[16, 32],
        layers_per_block=1,
        cross_attention_dim=32,
        attention_head_dim=[2, 4],
        norm_num_groups=8,
        use_linear_projection=True,
    )
    pipeline = MarigoldDepthPipeline(
        unet=unet.eval(),
        vae=AutoencoderKL.from_pretrained(tiny_folder / "vae").eval(),
        scheduler=DDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            clip_sample=False,
            prediction_type="v_prediction",
            rescale_betas_zero_snr=True,
            set_alpha_to_one=False,
            timestep_spacing="trailing",
        ),
        text_encoder=CLIPTextModel.from_pretrained(tiny_folder / "text_encoder").eval(),
        tokenizer=CLIPTokenizer.from_pretrained(tiny_folder / "tokenizer"),
        prediction_type="depth",
        default_denoising_steps=4,
        default_processing_resolution=640,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.fixture(scope="module")
def folder(theirs, tmp_path_factory):
    """As it is released; no test may change it."""
    folder = tmp_path_factory.mktemp("marigold")
    theirs.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def marigold(folder):
    return load_aligned(folder, torch.float32)


@pytest.fixture
def spoilt(folder, tmp_path):
    """A copy of the folder whose model_index.json is changed by what the test says."""

    def change(**entries):
        copy = tmp_path / "spoilt"
        shutil.copytree(folder, copy)
        index = json.loads((copy / "model_index.json").read_text())
        index |= entries
        index = {key: value for key, value in index.items() if value is not ...}
        (copy / "model_index.json").write_text(json.dumps(index))
        return copy

    return change


@pytest.mark.parametrize("size", [(48, 64), (64, 40), (45, 61)])
@pytest.mark.parametrize("scheduler", [DDIMScheduler, LCMScheduler])
def test_it_equals_diffusers_own_pipeline(theirs, marigold, monkeypatch, size, scheduler):
    schedule = scheduler.from_config(theirs.scheduler.config)
    monkeypatch.setattr(theirs, "scheduler", schedule)
    monkeypatch.setattr(marigold, "scheduler", schedule)
    rgb = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    metric = np.random.default_rng(2).uniform(1, 4, size).astype(np.float32)
    wanted = theirs(
        rgb, processing_resolution=64, generator=generator(), output_type="pt", output_latent=True
    )
    output = marigold(rgb, metric, 64, generator=generator(), intermediates=True, fit="global")
    steps = output.intermediates
    np.testing.assert_allclose(steps["pred_latent"], wanted.latent, atol=2e-5)
    prediction = wanted.prediction[0, 0].numpy()
    assert prediction.std() > 0.01
    np.testing.assert_allclose(steps["final_pred_resized"], prediction, atol=1e-5)
    design = np.stack([prediction.ravel(), np.ones(prediction.size)], 1).astype(np.float64)
    fit, *_ = np.linalg.lstsq(design, metric.ravel().astype(np.float64), rcond=None)
    assert (output.scale, output.shift) == pytest.approx(tuple(fit), rel=1e-4)


def test_noise_that_is_given_is_where_diffusers_begins(theirs, marigold, photo, ramp):
    noise = torch.randn(1, 4, 4, 6, generator=generator(5))
    planes = torch.from_numpy(photo).permute(2, 0, 1)[None]
    wanted = theirs(planes, processing_resolution=48, latents=noise, output_latent=True)
    output = marigold(photo, ramp[0], 48, noise=(noise,), intermediates=True, fit="global")
    np.testing.assert_allclose(output.intermediates["pred_latent"], wanted.latent, atol=2e-5)
    with pytest.raises(EngineError, match=r"\(1, 4, 4, 6\)") as error:
        marigold(photo, ramp[0], 48, noise=(noise[:, :, :3],), fit="global")
    assert error.value.kind == "bad_request"


def test_what_the_folder_says_of_steps_and_resolution_counts(spoilt, photo, ramp):
    model = MarigoldPipeline.from_pretrained(
        spoilt(default_denoising_steps=2, default_processing_resolution=96)
    )
    assert model.config.processing_resolution == 96
    stages = []
    model(photo, ramp[0], 48, on_stage=lambda stage, depth: stages.append(stage))
    assert stages == [
        "metric_depth",
        "encode_picture",
        *["first_look"] * 2,
        "decode",
        "align",
        "enlarge",
    ]


def test_a_folder_of_the_first_release_loads(spoilt):
    folder = spoilt(
        _class_name="MarigoldPipeline", prediction_type=..., default_processing_resolution=...
    )
    model = load_aligned(folder, torch.float32)
    assert isinstance(model, MarigoldPipeline) and model.config.processing_resolution == 768


def test_a_cancel_gets_through_between_the_steps(marigold, monkeypatch, photo, ramp):
    class Cancelled(Exception):
        pass

    asked, looks = [], []
    forward = marigold.unet.forward

    def count(*args, **kwargs):
        asked.append(None)
        return forward(*args, **kwargs)

    def cancel(stage, depth):
        looks.append(stage)
        if looks.count("first_look") == 3:
            raise Cancelled

    monkeypatch.setattr(marigold.unet, "forward", count)
    with pytest.raises(Cancelled):
        marigold(photo, ramp[0], 48, on_stage=cancel)
    assert len(asked) == 2


def test_a_white_picture_that_overshoots_in_resizing_is_not_refused_by_diffusers(marigold):
    rgb = np.full((20, 41, 3), 255, np.uint8)
    metric = np.linspace(1, 2, rgb[..., 0].size).reshape(20, 41)
    output = marigold(rgb, metric, 40, generator=generator(), intermediates=True)
    assert output.intermediates["image_pre"].max() > 1
    assert np.isfinite(output.depth).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_only_the_unet_is_in_half_precision(folder, marigold, photo, ramp, dtype):
    half = load_aligned(folder, dtype)
    assert (half.unet.dtype, half.vae.dtype) == (dtype, torch.float32)
    wanted, answer = (
        model(photo, ramp[0], 48, generator=generator(), intermediates=True).intermediates
        for model in (marigold, half)
    )
    apart = np.abs(wanted["decoded_depth"] - answer["decoded_depth"]).mean()
    assert 0 < apart < 0.05 * wanted["decoded_depth"].std()


def test_an_overflow_in_half_precision_is_computed_again_in_full(folder, photo, ramp):
    half = load_aligned(folder, torch.float16)
    with torch.no_grad():
        half.unet.conv_in.weight.mul_(1e6)
    output = half(photo, ramp[0], 48, generator=generator())
    assert sum("overflowed" in note for note in output.notes) == 1
    assert np.isfinite(output.depth).all() and half.unet.dtype == torch.float32


FAULTS = {
    "normals": dict(_class_name="MarigoldNormalsPipeline", prediction_type="normals"),
    "MarigoldNormalsPipeline": dict(_class_name="MarigoldNormalsPipeline", prediction_type=None),
    "disparity": dict(prediction_type="disparity"),
    "default_denoising_steps": dict(default_denoising_steps=None),
    "EulerDiscreteScheduler": dict(scheduler=["diffusers", "EulerDiscreteScheduler"]),
}


@pytest.mark.parametrize("named", FAULTS)
def test_what_cannot_be_used_is_refused(spoilt, named):
    with pytest.raises(EngineError, match=named) as error:
        load_aligned(spoilt(**FAULTS[named]), torch.float32)
    assert error.value.kind == "weights_missing" and error.value.message.endswith(".")


@pytest.mark.parametrize("part", ["unet", "vae", "scheduler", "text_encoder"])
def test_a_missing_part_is_named(spoilt, part):
    folder = spoilt()
    shutil.rmtree(folder / part)
    with pytest.raises(EngineError, match=part) as error:
        load_aligned(folder, torch.float32)
    assert error.value.kind == "weights_missing"


def test_a_missing_tensor_is_an_error(spoilt):
    folder = spoilt()
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(weights)
    del tensors["conv_in.weight"]
    save_file(tensors, weights, {"format": "pt"})
    with pytest.raises(EngineError, match="conv_in.weight"):
        load_aligned(folder, torch.float32)


def test_pickled_weights_are_never_loaded(spoilt, theirs):
    folder = spoilt()
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(theirs.unet.state_dict(), weights.with_suffix(".bin"))
    weights.unlink()
    with pytest.raises(EngineError) as error:
        load_aligned(folder, torch.float32)
    assert error.value.kind == "weights_missing"


def test_a_saved_folder_computes_the_same_without_a_text_encoder(marigold, tmp_path, photo, ramp):
    marigold.save_pretrained(tmp_path)
    assert not (tmp_path / "text_encoder").exists()
    again = load_aligned(tmp_path, torch.float32)
    assert again.config.processing_resolution == marigold.config.processing_resolution == 640
    before, after = (each(photo, ramp[0], 48, generator=generator()) for each in (marigold, again))
    np.testing.assert_array_equal(before.depth, after.depth)
    assert before.scale == after.scale
