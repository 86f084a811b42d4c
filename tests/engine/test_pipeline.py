import copy
import shutil

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from safetensors.torch import load_file, save_file

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.pipeline import SharpDepthPipeline


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def assert_sound(output, shape):
    for name in ("depth", "metric_depth", "difference"):
        values = getattr(output, name)
        assert values.shape == shape and values.dtype == np.float32, name
        assert np.isfinite(values).all(), name
    assert output.depth.min() > 0 and output.metric_depth.min() > 0
    assert 0 <= output.difference.min() and output.difference.max() <= 1
    assert np.isfinite([output.scale, output.shift]).all()


# Loading and saving


def test_saved_folder_holds_no_text_encoder_and_computes_the_same(tiny, tmp_path, photo, ramp):
    tiny.save_pretrained(tmp_path)
    parts = sorted(path.name for path in tmp_path.iterdir())
    assert parts == ["empty_prompt.safetensors", "model_index.json", "scheduler", "unet", "vae"]
    again = SharpDepthPipeline.from_pretrained(tmp_path)
    before, after = (each(photo, ramp[0], 48, generator=generator()) for each in (tiny, again))
    np.testing.assert_array_equal(before.depth, after.depth)
    assert before.scale == after.scale


def test_processing_resolution_survives_saving(tiny, tmp_path):
    model = SharpDepthPipeline(
        tiny.vae, tiny.unet, tiny.scheduler, tiny.empty_prompt, processing_resolution=256
    )
    model.save_pretrained(tmp_path)
    assert SharpDepthPipeline.from_pretrained(tmp_path).config.processing_resolution == 256


def test_weights_stored_in_half_precision_are_computed_in_full(tiny, tmp_path):
    tiny.save_pretrained(tmp_path)
    copy.deepcopy(tiny.unet).half().save_pretrained(tmp_path / "unet")
    assert SharpDepthPipeline.from_pretrained(tmp_path).unet.dtype == torch.float32


@pytest.mark.parametrize("part", ["unet", "vae", "scheduler", "empty_prompt.safetensors"])
def test_a_missing_part_is_named(tiny, tmp_path, part):
    tiny.save_pretrained(tmp_path)
    path = tmp_path / part
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(EngineError, match=part) as error:
        SharpDepthPipeline.from_pretrained(tmp_path)
    assert error.value.kind == "weights_missing"


def test_cut_weights_are_an_error(tiny, tmp_path):
    tiny.save_pretrained(tmp_path)
    weights = tmp_path / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(EngineError) as error:
        SharpDepthPipeline.from_pretrained(tmp_path)
    assert error.value.kind == "weights_missing"


@pytest.mark.parametrize("fault", ["gap", "other shape"])
def test_weights_that_do_not_fit_are_an_error(tiny, tmp_path, fault):
    """The libraries would fill it with random numbers and only warn."""
    tiny.save_pretrained(tmp_path)
    weights = tmp_path / "vae" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(weights)
    tensor = tensors.pop("decoder.conv_in.weight")
    if fault == "other shape":
        tensors["decoder.conv_in.weight"] = tensor[:1].clone()
    save_file(tensors, weights, {"format": "pt"})
    with pytest.raises(EngineError, match="decoder.conv_in.weight") as error:
        SharpDepthPipeline.from_pretrained(tmp_path)
    assert error.value.kind == "weights_missing"


def test_a_cut_prompt_is_an_error(tiny, tmp_path):
    tiny.save_pretrained(tmp_path)
    (tmp_path / "empty_prompt.safetensors").write_bytes(b"\x40\0\0\0\0\0\0\0{}")
    with pytest.raises(EngineError, match="empty_prompt") as error:
        SharpDepthPipeline.from_pretrained(tmp_path)
    assert error.value.kind == "weights_missing"


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_damaged_config_is_an_error(tiny, tmp_path, content):
    tiny.save_pretrained(tmp_path)
    (tmp_path / "unet" / "config.json").write_text(content)
    with pytest.raises(EngineError) as error:
        SharpDepthPipeline.from_pretrained(tmp_path)
    assert error.value.kind == "weights_missing" and "\n" not in error.value.message


def test_pickled_weights_are_never_loaded(tiny, tmp_path):
    tiny.save_pretrained(tmp_path)
    weights = tmp_path / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(tiny.unet.state_dict(), weights.with_suffix(".bin"))
    weights.unlink()
    with pytest.raises(EngineError) as error:
        SharpDepthPipeline.from_pretrained(tmp_path)
    assert error.value.kind == "weights_missing"


def test_another_factor_and_another_scheduler(tmp_path, photo, ramp):
    """A VAE that divides by 4 and a scheduler of another class, as small models have them."""
    torch.manual_seed(0)
    vae = AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * 3,
        up_block_types=["UpDecoderBlock2D"] * 3,
        block_out_channels=[8, 8, 8],
        norm_num_groups=4,
        scaling_factor=0.7,
        mid_block_add_attention=False,
    )
    unet = UNet2DConditionModel(
        in_channels=8,
        out_channels=4,
        down_block_types=["DownBlock2D", "CrossAttnDownBlock2D"],
        up_block_types=["CrossAttnUpBlock2D", "UpBlock2D"],
        block_out_channels=[8, 16],
        layers_per_block=1,
        cross_attention_dim=8,
        attention_head_dim=4,
        norm_num_groups=4,
        class_embed_type="projection",
        projection_class_embeddings_input_dim=4,
    )
    schedule = DDPMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="sample"
    )
    SharpDepthPipeline(vae, unet, schedule, torch.zeros(1, 2, 8)).save_pretrained(tmp_path)

    model = SharpDepthPipeline.from_pretrained(tmp_path)
    assert torch.equal(model.scheduler.alphas_cumprod, schedule.alphas_cumprod)
    output = model(photo, ramp[0], 42, generator=generator(), intermediates=True)
    assert_sound(output, (32, 48))
    steps = output.intermediates
    assert steps["image_pre"].shape == (1, 3, 28, 44)
    np.testing.assert_array_equal(steps["latent_mask"], steps["l1_error"][..., ::4, ::4])
    alpha = float(schedule.alphas_cumprod[-1])
    noisy = alpha**0.5 * steps["lotus_pred"] + (1 - alpha) ** 0.5 * steps["noise2"]
    mask = steps["latent_mask"]
    mixed = mask * noisy + (1 - mask) * steps["unidepth_latent"]
    np.testing.assert_allclose(steps["noisy_latent"], mixed, atol=1e-5)


# Noise


def test_a_generator_gives_the_same_twice_and_another_seed_something_else(tiny, photo, ramp):
    first, again, other = (
        tiny(
            photo, ramp[0], 48, generator=generator(seed), intermediates=True, fit="global"
        ).intermediates
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first["depth_np"], again["depth_np"])
    assert np.abs(first["depth_np"] - other["depth_np"]).max() > 1e-4


def test_noise_of_another_shape_is_an_error(tiny, photo, ramp):
    with pytest.raises(EngineError, match=r"\(1, 4, 4, 6\)"):
        tiny(
            photo, ramp[0], 48, noise=(np.zeros((1, 4, 5, 6)), np.zeros((1, 4, 5, 6))), fit="global"
        )


# Sizes


@pytest.mark.parametrize("resolution", [0, 40, 64])
@pytest.mark.parametrize(
    "size", [(1, 1), (1, 7), (2, 2), (2, 300), (1, 4000), (4000, 1), (33, 47), (51, 20), (8, 8)]
)
def test_every_size_works(tiny, size, resolution):
    if max(size) > 300 and resolution == 0:
        size = tuple(min(side, 300) for side in size)
    random = np.random.default_rng(0)
    rgb = random.integers(0, 256, (*size, 3), dtype=np.uint8)
    given = random.uniform(1, 5, size).astype(np.float32)
    assert_sound(tiny(rgb, given, resolution, generator=generator()), size)

    def estimate(picture):
        assert picture.shape[2] % 8 == picture.shape[3] % 8 == 0
        return 1 + picture.mean(1, keepdim=True) / 255

    assert_sound(tiny(rgb, estimate, resolution, generator=generator()), size)


@pytest.mark.parametrize("value", [0, 255])
def test_black_and_white_pictures_work(tiny, ramp, value):
    rgb = np.full((32, 48, 3), value, np.uint8)
    assert_sound(tiny(rgb, ramp[0], 48, generator=generator()), (32, 48))


def test_float_and_uint8_pictures_are_the_same(tiny, photo, ramp):
    outputs = [tiny(rgb, ramp[0], 48, generator=generator()) for rgb in (photo, photo / 255)]
    np.testing.assert_allclose(outputs[0].depth, outputs[1].depth, rtol=1e-5)


def test_flipped_views_of_arrays_work(tiny, photo, ramp):
    output = tiny(photo[::-1, ::-1], ramp[0][::-1], 48, generator=generator())
    assert_sound(output, (32, 48))
    np.testing.assert_array_equal(output.metric_depth, ramp[0][::-1])


# Holes


def test_holes_are_filled_and_left_out_of_the_fit(agreeing, photo, ramp):
    metric, normalized = ramp
    holed = metric.copy()
    holed[8:24, 10:40] = 0
    wrong = normalized.copy()
    wrong[8:24, 10:40] += 0.3  # would bend the fit if the filled pixels counted
    first = normalized.copy()
    first[0, 0] += 1
    output = agreeing(first, wrong)(photo, holed, 48, generator=generator(), fit="global")
    assert (output.scale, output.shift) == pytest.approx((1, 2), abs=1e-5)
    np.testing.assert_array_equal(output.metric_depth[holed > 0], metric[holed > 0])
    assert_sound(output, (32, 48))
    assert "480 px" in output.notes[0]


def test_an_estimator_may_leave_holes_too(tiny, photo):
    def estimate(picture):
        depth = 1 + picture.mean(1, keepdim=True) / 255
        depth[..., :10] = 0
        return depth

    output = tiny(photo, estimate, 64, generator=generator())
    assert_sound(output, (32, 48))
    assert not output.notes  # whoever made the estimator says where it sees nothing


def test_what_comes_out_shares_no_memory_with_what_went_in(tiny, photo, ramp):
    given = ramp[0].copy()
    output = tiny(photo, given, 48, generator=generator())
    flat = tiny(photo, np.full_like(given, 2), 48)
    own = torch.linspace(1, 3, 32 * 48).reshape(1, 1, 32, 48)
    estimated = tiny(photo, lambda picture: own, 0, generator=generator())
    output.metric_depth[:] = flat.depth[:] = estimated.metric_depth[:] = 9
    assert own.max() == 3
    np.testing.assert_array_equal(given, ramp[0])
    assert (flat.metric_depth == 2).all() and (output.depth != 9).all()


# Guards: a sound result and a reason


def test_constant_metric_depth_is_returned(tiny, photo):
    output = tiny(photo, np.full((32, 48), 2.5, np.float32), 48)
    assert (output.depth == 2.5).all()
    assert "is constant" in output.notes[0]


def test_full_agreement_at_the_first_look_returns_the_metric_depth(agreeing, photo, ramp):
    metric, normalized = ramp
    output = agreeing(normalized)(
        photo, metric, 48, generator=generator(), intermediates=True, fit="global"
    )
    # The decoder of this test is asked once: a second look would find its queue empty.
    np.testing.assert_array_equal(output.depth, metric)
    assert not output.difference.any()
    assert "agrees with the metric depth everywhere" in output.notes[0]


def test_a_good_answer_is_fitted_to_meters(agreeing, photo, ramp):
    metric, normalized = ramp
    first = normalized.copy()
    first[:, 24:] += 0.7
    output = agreeing(first, 2 * normalized + 0.5)(
        photo, metric, 48, generator=generator(), fit="global"
    )
    assert output.notes == []
    assert (output.scale, output.shift) == pytest.approx((0.5, 1.75), abs=1e-5)
    np.testing.assert_allclose(output.depth, metric, rtol=1e-5)
    np.testing.assert_allclose(output.difference[:, 24:], 1, atol=1e-5)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("look", [0, 1])
def test_a_network_that_answers_nonsense_gives_the_metric_depth(agreeing, photo, ramp, look, value):
    metric, normalized = ramp
    looks = [normalized + 0.1, normalized.copy()]
    looks[look][3, 3] = value
    output = agreeing(*looks)(photo, metric, 48, generator=generator(), fit="global")
    np.testing.assert_array_equal(output.depth, metric)
    assert "not finite" in output.notes[0]
    assert_sound(output, (32, 48))


# Bad input: a clear error


BAD_DEPTHS = {
    "NaN": lambda depth: np.where(depth > 2, np.nan, depth),
    "infinite": lambda depth: np.where(depth > 2, np.inf, depth),
    "negative": lambda depth: depth - 2,
    "zero": np.zeros_like,
    "transposed": np.transpose,
    "three channels": lambda depth: np.repeat(depth[..., None], 3, -1),
    "text": lambda depth: depth.astype(str),
}


@pytest.mark.parametrize("fault", BAD_DEPTHS)
def test_bad_metric_depth_is_an_error(tiny, photo, ramp, fault):
    bad = BAD_DEPTHS[fault](ramp[0])
    with pytest.raises(EngineError) as given:
        tiny(photo, bad, 48)
    with pytest.raises(EngineError) as estimated:
        tiny(photo, lambda picture: bad, 48)
    for error in (given.value, estimated.value):
        assert error.kind == "bad_depth"
        assert error.message.endswith(".") and "\n" not in error.message


@pytest.mark.parametrize(
    "rgb",
    [
        np.zeros((4, 5), np.uint8),
        np.zeros((4, 5, 4), np.uint8),
        np.zeros((0, 5, 3), np.uint8),
        np.zeros((4, 5, 3), np.uint16),
        np.full((4, 5, 3), 2.0),
        np.full((4, 5, 3), np.nan),
        np.full((4, 5, 3), -0.5),
    ],
)
def test_bad_pictures_are_an_error(tiny, rgb):
    with pytest.raises(EngineError) as error:
        tiny(rgb, np.ones((4, 5)), 48)
    assert error.value.kind == "bad_image"


@pytest.mark.parametrize("resolution", [-1, 7.5])
def test_bad_resolutions_are_an_error(tiny, photo, ramp, resolution):
    with pytest.raises(EngineError) as error:
        tiny(photo, ramp[0], resolution)
    assert error.value.kind == "bad_request"
