"""Lotus against the goldens: the released sharpener's first look is Lotus's only one."""

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.lotus import LotusPipeline
from sharpdepth_blender.engine.models import load_aligned


@pytest.fixture(scope="module")
def lotus(tiny_folder):
    return load_aligned(tiny_folder, torch.float32)


def ask(lotus, case, metric_depth=None, **options):
    return lotus(
        case["image_u8"],
        metric_depth or (lambda picture: torch.from_numpy(case["unidepth_depth"])),
        int(case["processing_res"]),
        noise=(case["noise1"],),
        fit="global",
        **options,
    )


@pytest.mark.parametrize("letter", "ABCD")
def test_the_one_look_equals_the_golden_first_look(lotus, golden, letter):
    case = golden(letter)
    steps = ask(lotus, case, intermediates=True).intermediates
    for name in ("image_pre", "rgb_latent", "lotus_pred", "lotus_depth"):
        apart = np.abs(steps[name] - case[name]).max() / np.abs(case[name]).max()
        assert apart <= 1e-4, name


@pytest.mark.parametrize("letter", "ABCD")
def test_the_fit_is_least_squares_over_all_pixels(lotus, golden, letter):
    case = golden(letter)
    output = ask(lotus, case)
    height, width = case["image_u8"].shape[:2]
    pad_height, pad_width = case["padding_hw"]
    golden_look = torch.from_numpy(case["lotus_depth"])
    inner = golden_look[..., : golden_look.shape[2] - pad_height, :]
    inner = inner[..., : golden_look.shape[3] - pad_width]
    relative = torch.nn.functional.interpolate(inner, (height, width), mode="bilinear")
    relative = relative.double().flatten().numpy()
    design = np.stack([relative, np.ones_like(relative)], 1)
    wanted = case["unidepth_resized"].ravel().astype(np.float64)
    (scale, shift), *_ = np.linalg.lstsq(design, wanted, rcond=None)
    assert output.scale == pytest.approx(scale, rel=1e-4)
    assert output.shift == pytest.approx(shift, rel=1e-5)
    fitted = (design @ (scale, shift)).reshape(height, width)
    if scale > 0:
        np.testing.assert_allclose(output.depth, fitted, rtol=1e-4)
    else:
        np.testing.assert_array_equal(output.depth, output.metric_depth)
        assert "inverted" in output.notes[0]
    assert not output.difference.any()


def test_the_network_is_asked_once_from_pure_noise_for_depth(lotus, golden, monkeypatch):
    case = golden("A")
    calls = []
    forward = lotus.unet.forward

    def heard(sample, timestep, **rest):
        calls.append((sample, timestep, rest["class_labels"]))
        return forward(sample, timestep, **rest)

    monkeypatch.setattr(lotus.unet, "forward", heard)
    ask(lotus, case)
    ((sample, timestep, label),) = calls
    assert timestep.tolist() == [999] and not timestep.is_floating_point()
    np.testing.assert_allclose(label, case["task_emb"], atol=1e-6)
    np.testing.assert_allclose(sample[:, 4:], case["noise1"], atol=1e-6)


def test_a_seed_gives_lotus_the_noise_of_sharpdepths_first_look(lotus, golden):
    case = golden("A")
    output = lotus(
        case["image_u8"],
        lambda picture: case["unidepth_depth"],
        int(case["processing_res"]),
        generator=torch.Generator().manual_seed(int(case["seed"])),
        intermediates=True,
        fit="global",
    )
    np.testing.assert_array_equal(output.intermediates["noise1"], case["noise1"])


def test_a_good_answer_is_fitted_where_it_was_measured(lotus, monkeypatch, photo, ramp):
    """Holes are filled for the network, but do not count in the fit."""
    metric, normalized = ramp
    holed = metric.copy()
    holed[8:24, 10:40] = 0
    answer = 2 * normalized + 0.5
    answer[8:24, 10:40] += 0.3
    monkeypatch.setattr(
        "sharpdepth_blender.engine.lotus.decode",
        lambda vae, latent: torch.from_numpy(answer).expand(1, 3, -1, -1),
    )
    output = lotus(photo, holed, 48, fit="global")
    assert (output.scale, output.shift) == pytest.approx((0.5, 1.75), abs=1e-5)
    np.testing.assert_allclose(output.depth, 0.5 * answer + 1.75, rtol=1e-5)
    assert len(output.notes) == 1 and "480 px" in output.notes[0]


def test_an_overflow_in_half_precision_is_asked_again_in_full(tiny_folder, photo, ramp):
    lotus = LotusPipeline.from_pretrained(tiny_folder, torch.float16)
    assert (lotus.unet.dtype, lotus.vae.dtype) == (torch.float16, torch.float32)
    with torch.no_grad():
        lotus.unet.conv_in.weight.mul_(6e4)
    output = lotus(photo, ramp[0], 48)
    assert "overflowed" in output.notes[0]
    assert np.isfinite(output.depth).all()
