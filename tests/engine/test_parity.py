"""Number for number what the released code computes."""

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.method import last_timestep

INPUTS = {"image_u8", "processing_res", "seed"}


@pytest.mark.parametrize("letter", "ABCD")
def test_every_intermediate_equals_the_golden_one(tiny, golden, letter):
    case = golden(letter)
    received = []

    def metric_depth(picture):
        received.append(picture)
        return torch.from_numpy(case["unidepth_depth"])

    output = tiny(
        case["image_u8"],
        metric_depth,
        processing_resolution=int(case["processing_res"]),
        noise=(case["noise1"], case["noise2"]),
        intermediates=True,
        fit="global",
    )

    (picture,) = received
    assert picture.dtype == torch.float32
    np.testing.assert_array_equal(picture[0], case["unidepth_input_int"])
    errors = {}
    for name in case.keys() - INPUTS:
        ours, reference = output.intermediates[name], case[name]
        assert ours.shape == reference.shape, name
        difference = np.abs(ours.astype(np.float64) - reference).max()
        errors[name] = difference / max(np.abs(reference).max(), 1e-30)
    print(letter, max(errors.items(), key=lambda item: item[1]))
    assert {name: error for name, error in errors.items() if not error <= 1e-4} == {}


@pytest.mark.parametrize("letter", "BC")
def test_a_sound_fit_is_the_golden_depth(tiny, golden, letter):
    case = golden(letter)
    noise = case["noise1"], case["noise2"]
    resolution = int(case["processing_res"])
    output = tiny(
        case["image_u8"],
        lambda picture: case["unidepth_depth"],
        resolution,
        noise=noise,
        fit="global",
    )
    (note,) = output.notes  # random weights explain nothing, and the user is told
    assert "differ by" in note
    assert output.scale == pytest.approx(case["scale"][0], rel=1e-4)
    assert output.shift == pytest.approx(case["shift"][0], rel=1e-4)
    np.testing.assert_allclose(output.depth, case["depth_np"], rtol=1e-5)
    np.testing.assert_allclose(output.difference, case["l1_error_resized"], atol=1e-5)


@pytest.mark.parametrize("letter", "AD")
def test_a_fit_that_runs_backwards_gives_the_metric_depth(tiny, golden, letter):
    case = golden(letter)
    noise = case["noise1"], case["noise2"]
    resolution = int(case["processing_res"])
    output = tiny(
        case["image_u8"],
        lambda picture: case["unidepth_depth"],
        resolution,
        noise=noise,
        fit="global",
    )
    assert output.scale < 0
    assert len(output.notes) == 1 and "inverted" in output.notes[0]
    np.testing.assert_allclose(output.depth, case["unidepth_resized"], rtol=1e-6)


def test_the_seeded_cpu_generator_draws_the_golden_noise(tiny, golden):
    case = golden("A")
    output = tiny(
        case["image_u8"],
        lambda picture: case["unidepth_depth"],
        160,
        generator=torch.Generator().manual_seed(int(case["seed"])),
        intermediates=True,
        fit="global",
    )
    np.testing.assert_array_equal(output.intermediates["noise1"], case["noise1"])
    np.testing.assert_array_equal(output.intermediates["noise2"], case["noise2"])


def test_an_array_equals_a_callable_where_nothing_is_resized(tiny, golden):
    case = golden("A")
    noise = case["noise1"], case["noise2"]
    output = tiny(
        case["image_u8"],
        case["unidepth_depth"][0, 0],
        0,
        noise=noise,
        intermediates=True,
        fit="global",
    )
    np.testing.assert_allclose(output.intermediates["depth_np"], case["depth_np"], rtol=1e-5)


def test_the_timestep_is_an_integer_because_bf16_would_round_it(tiny):
    timestep = last_timestep(tiny.scheduler)
    assert timestep.tolist() == [999] and not timestep.is_floating_point()
    assert timestep.to(torch.bfloat16).tolist() == [1000]


def test_the_two_calls_of_the_network_differ_in_noise_and_mix_only(tiny, golden, monkeypatch):
    """What parity cannot see: the class label and the timestep as the network receives them."""
    case = golden("A")
    calls = []
    forward = tiny.unet.forward

    def heard(sample, timestep, **rest):
        calls.append((sample, timestep, rest))
        return forward(sample, timestep, **rest)

    monkeypatch.setattr(tiny.unet, "forward", heard)
    noise = case["noise1"], case["noise2"]
    tiny(case["image_u8"], lambda picture: case["unidepth_depth"], 160, noise=noise, fit="global")
    assert len(calls) == 2
    for (sample, timestep, rest), second_half in zip(
        calls, ("noise1", "noisy_latent"), strict=True
    ):
        assert timestep.tolist() == [999]
        np.testing.assert_allclose(rest["class_labels"], case["task_emb"], atol=1e-6)
        np.testing.assert_allclose(sample[:, :4], case["rgb_latent"], atol=1e-4)
        np.testing.assert_allclose(sample[:, 4:], case[second_half], atol=1e-4)
