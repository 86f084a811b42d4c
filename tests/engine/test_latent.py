"""The networks of latent diffusion in the project's own code, against those of diffusers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from safetensors.torch import load_file, save_file

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.latent import Autoencoder, NoiseSchedule, UNet
from sharpdepth_blender.engine.network import WEIGHTS
from sharpdepth_blender.engine.weights import load_network

ROOT = Path(__file__).resolve().parents[2]
AUTOENCODERS = {
    "stable diffusion's": dict(block_out_channels=(8, 16, 16, 24), layers_per_block=2),
    "no attention": dict(block_out_channels=(8, 8, 16), mid_block_add_attention=False),
    "no ends": dict(block_out_channels=(8, 16), use_quant_conv=False, use_post_quant_conv=False),
}
UNETS = {
    "lotus's": dict(
        block_out_channels=(8, 16, 16, 24),
        down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
        attention_head_dim=(2, 4, 4, 8),
        use_linear_projection=True,
        class_embed_type="projection",
        projection_class_embeddings_input_dim=4,
    ),
    "stable diffusion 1's": dict(
        block_out_channels=(8, 16),
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=4,
        layers_per_block=1,
        flip_sin_to_cos=False,
        freq_shift=1,
    ),
}


def autoencoder(case):
    torch.manual_seed(0)
    levels = len(AUTOENCODERS[case]["block_out_channels"])
    kinds = {"down_block_types": ("DownEncoderBlock2D",), "up_block_types": ("UpDecoderBlock2D",)}
    blocks = {name: kind * levels for name, kind in kinds.items()}
    return AutoencoderKL(**blocks, norm_num_groups=4, **AUTOENCODERS[case]).eval()


def unet(case):
    torch.manual_seed(0)
    sizes = dict(in_channels=8, cross_attention_dim=8, norm_num_groups=4)
    return UNet2DConditionModel(**sizes, **UNETS[case]).eval()


def close(one, other):
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4 * float(other.std()))


@torch.no_grad()
@pytest.mark.parametrize("case", AUTOENCODERS)
def test_the_autoencoder_computes_what_diffusers_does(tmp_path, case):
    theirs = autoencoder(case)
    theirs.save_pretrained(tmp_path)
    ours = load_network(Autoencoder, tmp_path)
    picture, latent = torch.randn(2, 3, 40, 72), torch.randn(1, 4, 5, 9)
    close(ours.encode(picture).latent_dist.mean, theirs.encode(picture).latent_dist.mean)
    close(ours.decode(latent).sample, theirs.decode(latent).sample)


@torch.no_grad()
@pytest.mark.parametrize("size", [(8, 8), (5, 13), (1, 2)])
@pytest.mark.parametrize("case", UNETS)
def test_the_unet_computes_what_diffusers_does(tmp_path, case, size):
    theirs = unet(case)
    theirs.save_pretrained(tmp_path)
    given = torch.randn(1, 8, *size), torch.tensor([999]), torch.randn(1, 3, 8)
    label = torch.randn(1, 4) if "class_embed_type" in UNETS[case] else None
    ours = load_network(UNet, tmp_path)(*given, class_labels=label).sample
    close(ours, theirs(*given, class_labels=label).sample)


def test_gradients_are_those_of_diffusers():
    """Nothing is computed in place that a gradient needs."""
    theirs = autoencoder("stable diffusion's")
    ours = Autoencoder.from_config(theirs.config)
    ours.load_state_dict(theirs.state_dict())
    latent = torch.randn(1, 4, 3, 5)
    for each in (ours, theirs):
        each.decode(latent).sample.square().mean().backward()
    pairs = [
        (parameter.grad, theirs.get_parameter(name).grad)
        for name, parameter in ours.named_parameters()
        if name.startswith("decoder")
    ]
    largest = max(float(other.abs().max()) for _, other in pairs)
    for one, other in pairs:
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5 * largest)


@torch.no_grad()
def test_what_is_saved_is_what_diffusers_reads(tmp_path):
    theirs = autoencoder("no attention")
    theirs.save_pretrained(tmp_path / "theirs")
    load_network(Autoencoder, tmp_path / "theirs").save_pretrained(tmp_path / "ours")
    again = AutoencoderKL.from_pretrained(tmp_path / "ours")
    latent = torch.randn(1, 4, 3, 5)
    assert torch.equal(again.decode(latent).sample, theirs.decode(latent).sample)


@torch.no_grad()
def test_older_names_and_several_files_are_read(tmp_path):
    """As Stable Diffusion 2 names the attention, and as large networks are stored."""
    theirs = autoencoder("stable diffusion's")
    theirs.save_pretrained(tmp_path)
    tensors = load_file(tmp_path / WEIGHTS)
    for old, new in (("query", "to_q"), ("key", "to_k"), ("value", "to_v")):
        tensors = {name.replace(new, old): each for name, each in tensors.items()}
    tensors = {name.replace("to_out.0", "proj_attn"): each for name, each in tensors.items()}
    (tmp_path / WEIGHTS).unlink()
    names = sorted(tensors)
    parts = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
    for file, part in parts.items():
        save_file({name: tensors[name] for name in part}, tmp_path / file)
    index = {"weight_map": {name: file for file, part in parts.items() for name in part}}
    (tmp_path / f"{WEIGHTS}.index.json").write_text(json.dumps(index))
    ours = load_network(Autoencoder, tmp_path)
    latent = torch.randn(1, 4, 3, 5)
    close(ours.decode(latent).sample, theirs.decode(latent).sample)


@pytest.mark.parametrize(
    ("kind", "entry", "told"),
    [
        (UNet, {"down_block_types": ["SimpleCrossAttnDownBlock2D"]}, "SimpleCrossAttnDownBlock2D"),
        (UNet, {"dual_cross_attention": True}, "dual_cross_attention of True"),
        (UNet, {"transformer_layers_per_block": 2}, "transformer_layers_per_block of 2"),
        (UNet, {"class_embed_type": "timestep"}, "timestep"),
        (Autoencoder, {"act_fn": "relu"}, "relu"),
    ],
)
def test_what_is_not_known_is_an_error_that_names_it(kind, entry, told):
    with pytest.raises(EngineError, match=f"has a {told}, which is not supported") as error:
        kind.from_config(entry)
    assert error.value.kind == "weights_missing"


@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize("kind", ["linear", "scaled_linear"])
def test_noise_is_added_as_by_diffusers(kind, zero):
    theirs = DDIMScheduler(beta_schedule=kind, rescale_betas_zero_snr=zero)
    ours = NoiseSchedule(theirs.config)
    latent, noise, timestep = torch.randn(2, 4, 3, 5), torch.randn(2, 4, 3, 5), torch.tensor([990])
    torch.testing.assert_close(
        ours.add_noise(latent, noise, timestep), theirs.add_noise(latent, noise, timestep)
    )


IMPORTED = """
import sys
import numpy as np
from sharpdepth_blender.engine import SharpDepth
SharpDepth.load("preview", "cpu").infer(np.zeros((40, 60, 3), np.uint8))
print(*sys.modules)
"""  # fmt: skip


def test_the_preview_imports_no_library_that_takes_seconds():
    words = [sys.executable, "-c", IMPORTED]
    answer = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    slow = {"diffusers", "transformers", "accelerate", "huggingface_hub", "peft", "torch._dynamo"}
    assert "torch" in answer.stdout.split() and not slow & set(answer.stdout.split())
