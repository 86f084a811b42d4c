"""What every aligned baseline has in common; test_lotus.py and test_marigold.py have the rest."""

import copy
import json
import shutil
from collections import Counter

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.lotus import LotusPipeline
from sharpdepth_blender.engine.marigold import MarigoldPipeline
from sharpdepth_blender.engine.models import load_aligned
from sharpdepth_blender.engine.weights import load_network


@pytest.fixture(scope="module", params=[LotusPipeline, MarigoldPipeline])
def aligned(request, tiny, tiny_folder):
    """Both baselines; Marigold here with Lotus's networks, which its format allows."""
    if request.param is LotusPipeline:
        return LotusPipeline.from_pretrained(tiny_folder)
    kinds = {"vae": AutoencoderKL, "unet": UNet2DConditionModel}
    networks = {name: load_network(kind, tiny_folder / name) for name, kind in kinds.items()}
    scheduler = DDIMScheduler.from_pretrained(tiny_folder / "scheduler")
    return MarigoldPipeline(**networks, scheduler=scheduler, empty_prompt=tiny.empty_prompt)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("resolution", [0, 40])
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (2, 300), (300, 1), (33, 47), (51, 20)])
def test_every_size_works(aligned, size, resolution):
    random = np.random.default_rng(0)
    rgb = random.integers(0, 256, (*size, 3), dtype=np.uint8)
    given = random.uniform(1, 5, size).astype(np.float32)
    for metric_depth in (given, lambda picture: 1 + picture.mean(1, keepdim=True) / 255):
        output = aligned(rgb, metric_depth, resolution, generator=generator())
        for values in (output.depth, output.metric_depth, output.difference):
            assert values.shape == size and values.dtype == np.float32
            assert np.isfinite(values).all()
        assert output.depth.min() > 0 and not output.difference.any()


def test_holes_are_filled_and_told(aligned, photo, ramp):
    holed = ramp[0].copy()
    holed[8:24, 10:40] = 0
    output = aligned(photo, holed, 48, generator=generator())
    assert output.metric_depth.min() > 0 and output.depth.min() > 0
    assert "480 px" in output.notes[0]


def test_constant_metric_depth_is_returned_without_a_look(aligned, photo):
    stages = []
    output = aligned(
        photo,
        np.full((32, 48), 2.5, np.float32),
        48,
        on_stage=lambda stage, depth: stages.append(stage),
    )
    assert (output.depth == 2.5).all() and "is constant" in output.notes[0]
    assert stages == ["metric_depth", "encode_picture"]


def test_the_stages_come_in_order_and_one_brings_the_metric_depth(aligned, photo, ramp):
    heard = []
    aligned(photo, ramp[0], 48, on_stage=lambda *stage: heard.append(stage))
    assert Counter(name for name, _ in heard) == aligned.stages(32, 48, 48)
    assert list(dict.fromkeys(name for name, _ in heard)) == list(aligned.stages(32, 48, 48))
    ((name, depth),) = [each for each in heard if each[1] is not None]
    assert name == "encode_picture"
    np.testing.assert_array_equal(depth, ramp[0])


def test_the_same_seed_gives_the_same_and_another_something_else(aligned, photo, ramp):
    first, again, other = (
        aligned(
            photo, ramp[0], 48, generator=generator(seed), intermediates=True, fit="global"
        ).intermediates
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first["final_pred_resized"], again["final_pred_resized"])
    assert np.abs(first["final_pred_resized"] - other["final_pred_resized"]).max() > 1e-4


def test_an_answer_that_is_not_finite_gives_the_metric_depth(aligned, photo, ramp):
    pipeline = copy.deepcopy(aligned)
    with torch.no_grad():
        pipeline.vae.post_quant_conv.weight.fill_(np.nan)
    output = pipeline(photo, ramp[0], 48, generator=generator())
    np.testing.assert_array_equal(output.depth, ramp[0])
    assert "not finite" in output.notes[0] and not output.difference.any()


def test_networks_can_be_offloaded_tiled_and_computed_with_again(aligned, photo, ramp):
    """The ways of sparing memory, with the CPU as the device that works."""
    pipeline = copy.deepcopy(aligned)
    before = pipeline(photo, ramp[0], 48, generator=generator())
    pipeline.enable_model_cpu_offload(device="cpu")
    assert hasattr(pipeline.unet, "_hf_hook") and hasattr(pipeline.vae, "_hf_hook")
    for _ in range(2):
        after = pipeline(photo, ramp[0], 48, generator=generator())
        pipeline.maybe_free_model_hooks()
        np.testing.assert_array_equal(before.depth, after.depth)
    pipeline.vae.enable_tiling()
    assert np.isfinite(pipeline(photo, ramp[0], 48, generator=generator()).depth).all()


@pytest.mark.parametrize("resolution", [-1, 7.5])
def test_bad_resolutions_are_an_error(aligned, photo, ramp, resolution):
    with pytest.raises(EngineError) as error:
        aligned(photo, ramp[0], resolution)
    assert error.value.kind == "bad_request"


# Which of them a folder holds


@pytest.fixture
def changed(tiny_folder, tmp_path):
    """A copy of the tiny folder with other entries in a config."""

    def change(name, **entries):
        folder = tmp_path / "model"
        shutil.copytree(tiny_folder, folder)
        config = json.loads((folder / name).read_text()) | entries
        (folder / name).write_text(json.dumps(config))
        return folder

    return change


@pytest.mark.parametrize("name", ["LotusGPipeline", "SharpDepthPipeline", None])
def test_a_unet_with_projected_labels_is_lotus_whatever_its_name(changed, name):
    folder = changed("model_index.json", _class_name=name)
    assert type(load_aligned(folder, torch.float32)) is LotusPipeline


@pytest.mark.parametrize(
    ("entries", "word"),
    [({"class_embed_type": None}, "class_embed_type"), ({"in_channels": 4}, "Lotus-G")],
)
def test_any_other_unet_is_refused(changed, entries, word):
    with pytest.raises(EngineError, match=word) as error:
        load_aligned(changed("unet/config.json", **entries), torch.float32)
    assert error.value.kind == "weights_missing" and "\n" not in error.value.message


@pytest.mark.parametrize("name", ["model_index.json", "unet/config.json"])
@pytest.mark.parametrize("content", [None, "", "{", "[]"])
def test_a_missing_or_damaged_config_is_an_error(changed, name, content):
    folder = changed("model_index.json")
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(EngineError, match=name) as error:
        load_aligned(folder, torch.float32)
    assert error.value.kind == "weights_missing"
