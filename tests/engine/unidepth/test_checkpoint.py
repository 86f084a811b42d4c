"""A checkpoint is loaded whole, or the user is told what is wrong with it."""

import pytest
import torch
from safetensors.torch import load_file

from sharpdepth_blender.engine.unidepth import load_unidepth
from sharpdepth_blender.engine.unidepth.v1 import UniDepthV1
from sharpdepth_blender.engine.unidepth.v2 import UniDepthV2
from tests.engine import spoilt_folders
from tests.engine.spoilt_folders import WEIGHTS, spoil

QKV = "pixel_encoder.blocks.2.attn.qkv.weight"
UNUSED = {
    "unidepth_v1_tiny": ["pixel_encoder.mask_token", "pixel_encoder.register_tokens"],
    "unidepth_v2_tiny": [
        "pixel_encoder.mask_token",
        "pixel_encoder.register_tokens",
        "pixel_decoder.level_embeds",
    ],
}


@pytest.fixture(params=["unidepth_v1_tiny", "unidepth_v2_tiny"])
def model(request):
    return request.param


@pytest.fixture
def spoilt(release, tmp_path):
    """A copy of a model, its tensors or its config changed by a function."""
    return lambda model, *changes, **more: spoil(release(model), tmp_path, *changes, **more)


def refusal(folder, kind="weights_missing"):
    return spoilt_folders.refusal(load_unidepth, folder, kind)


def test_the_config_names_the_version(load):
    assert isinstance(load("unidepth_v1_tiny"), UniDepthV1)
    assert isinstance(load("unidepth_v2_tiny"), UniDepthV2)


def test_every_parameter_is_filled_and_ready(load, model):
    network = load(model)
    assert not network.training
    for name, parameter in network.named_parameters():
        assert parameter.dtype == torch.float32 and parameter.device.type == "cpu", name
        assert parameter.isfinite().all() and parameter.any(), name
    assert list(network.buffers()) == []


@pytest.mark.parametrize("key", ["pixel_decoder.camera_layer.latents_pos", QKV])
def test_a_missing_tensor_is_named(spoilt, model, key):
    message = refusal(spoilt(model, lambda tensors: tensors.pop(key)))
    assert "lacks a tensor" in message and key in message


def test_many_missing_tensors_are_counted(spoilt, model):
    def without_a_block(tensors):
        for key in [key for key in tensors if key.startswith("pixel_encoder.blocks.5.")]:
            tensors.pop(key)

    assert "lacks 14 tensors" in refusal(spoilt(model, without_a_block))


@pytest.mark.parametrize("key", ["pixel_decoder.secret", "pixel_encoder.blocks.6.norm1.weight"])
def test_a_tensor_of_no_known_use_is_named(spoilt, model, key):
    message = refusal(spoilt(model, lambda tensors: tensors.update({key: torch.ones(64)})))
    assert "of no known use" in message and key in message


@pytest.mark.parametrize(
    "key, shape",
    [("pixel_decoder.camera_layer.latents_pos", (1, 4, 65)), (QKV, (193, 64)), (QKV, (64, 192))],
)
def test_a_tensor_of_the_wrong_shape_is_named(spoilt, model, key, shape):
    message = refusal(spoilt(model, lambda tensors: tensors.update({key: torch.ones(shape)})))
    assert "of the wrong shape" in message and key in message


def test_tensors_without_effect_may_lack(spoilt, load, golden, model):
    def without(tensors):
        for key in UNUSED[model]:
            tensors.pop(key)

    picture = golden(model, "b")["picture"]
    depth = load_unidepth(spoilt(model, without)).predict(picture).depth
    assert torch.equal(depth, load(model).predict(picture).depth)


def test_weights_stored_in_half_precision_are_float32_in_memory(spoilt, model):
    def halve(tensors):
        tensors.update({key: tensor.bfloat16() for key, tensor in tensors.items()})

    network = load_unidepth(spoilt(model, halve))
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_file_that_is_cut_short_is_refused(spoilt, model, share):
    folder = spoilt(model)
    whole = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(whole[: int(share * len(whole))])
    assert "truncated" in refusal(folder)


def test_a_folder_without_config_is_refused(spoilt, model):
    folder = spoilt(model)
    (folder / "config.json").unlink()
    assert "config.json is missing" in refusal(folder)


def test_pickles_are_never_a_substitute(spoilt, model):
    folder = spoilt(model)
    torch.save(load_file(folder / WEIGHTS), folder / "pytorch_model.bin")
    (folder / WEIGHTS).unlink()
    assert "contains no model.safetensors" in refusal(folder)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "missing or damaged"), ("{", "missing or damaged"), ("[]", "not contain a config"),
        ("{}", "not a UniDepth config"), ('{"model": 3}', "not a UniDepth config"),
        ('{"model": {"name": []}}', "not a UniDepth config"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_config_is_refused(spoilt, model, text, told):
    folder = spoilt(model)
    (folder / "config.json").write_text(text)
    assert told in refusal(folder)


@pytest.mark.parametrize("part", ["num_heads", "pixel_decoder"])
def test_a_config_that_lacks_a_part_is_refused(spoilt, model, part):
    folder = spoilt(model, config=lambda config: config["model"].pop(part))
    assert "not a UniDepth config" in refusal(folder)


@pytest.mark.parametrize("backbone", ["cnvnxtl", "dinov2_vitg14"])
def test_another_backbone_is_refused_by_name(spoilt, model, backbone):
    def change(config):
        config["model"]["pixel_encoder"]["name"] = backbone

    message = refusal(spoilt(model, config=change), "unknown_model")
    assert backbone in message and "dinov2_vitl14" in message


def test_another_version_is_refused_by_name(spoilt, model):
    def change(config):
        config["model"]["name"] = "UniDepthV2old"

    message = refusal(spoilt(model, config=change), "unknown_model")
    assert "UniDepthV2old" in message and "UniDepthV1, UniDepthV2" in message


@pytest.mark.parametrize(
    "setting, value", [("num_register_tokens", 4), ("stacking_fn", "mean"), ("use_norm", None)]
)
def test_a_backbone_that_is_used_otherwise_is_refused(spoilt, model, setting, value):
    def change(config):
        config["model"]["pixel_encoder"][setting] = value

    assert setting in refusal(spoilt(model, config=change), "unknown_model")
