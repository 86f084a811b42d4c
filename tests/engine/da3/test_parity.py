"""Depth Anything 3 equals the published network, step by step."""

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.da3.checkpoint import BACKBONE, MODELS, PREFIX
from sharpdepth_blender.engine.da3.network import DepthAnything3, farthest_in_sky, in_meters
from sharpdepth_blender.engine.da3.resize import prepare
from sharpdepth_blender.engine.dinov2 import normalize
from sharpdepth_blender.engine.released import needed_shapes
from sharpdepth_blender.geometry import Intrinsics
from tests.engine.named_weights import released_shapes


def same(ours, published, tolerance=1e-4):
    """Within a share of the largest value."""
    ours, published = np.asarray(ours), np.asarray(published)
    assert ours.shape == published.shape
    assert np.abs(ours - published).max() <= tolerance * np.abs(published).max()


@pytest.fixture(scope="module")
def stages(network, case):
    """Every intermediate of ours by its name in the golden numbers, and the two answers."""
    found = {}

    def keep(name):
        return lambda module, inputs, output: found.update({name: output})

    head, scratch = network.head, network.head.scratch
    watched = {f"project{n}": each for n, each in enumerate(head.projects)}
    watched |= {f"resize{n}": each for n, each in enumerate(head.resize_layers)}
    for n in range(1, 5):
        for name in (f"layer{n}_rn", f"refinenet{n}"):
            watched[name] = getattr(scratch, name)
    watched["output_conv1"] = scratch.output_conv1
    watched["depth_logits"] = scratch.output_conv2
    watched["sky_logits"] = scratch.sky_output_conv2
    hooks = [each.register_forward_hook(keep(name)) for name, each in watched.items()]
    backbone = network.backbone["pretrained"]
    hooks += [
        backbone.register_forward_hook(keep("after")),
        backbone.dinov2.encoder.layer[0].register_forward_pre_hook(
            lambda module, inputs: found.update({"enc/embed_c8": inputs[0][0, :, :8]})
        ),
    ]
    with torch.no_grad():
        answers = network(torch.from_numpy(case[2]["pre/x"])[None])
        after = found.pop("after")
        for level, block in enumerate(network.taken):
            patches = backbone.norm(after[block])[0, 1:]
            found[f"enc/layer{level}_patch_c8"] = patches[:, :8]
            found[f"enc/layer{level}_cls_unnormed_c8"] = after[block][0, 0, :8]
        found["enc/layer3_patch_full"] = patches
    for hook in hooks:
        hook.remove()
    return found, answers


STAGES = [
    "enc/embed_c8", "enc/layer3_patch_full",
    *(f"enc/layer{n}_{part}_c8" for n in range(4) for part in ("patch", "cls_unnormed")),
    *(f"project{n}" for n in range(4)), *(f"resize{n}" for n in range(4)),
    *(f"layer{n}_rn" for n in range(1, 5)), *(f"refinenet{n}" for n in range(1, 5)),
    "output_conv1", "depth_logits", "sky_logits",
]  # fmt: skip


@pytest.mark.parametrize("name", STAGES)
def test_every_intermediate_is_the_published_one(stages, case, name):
    if name.startswith("enc/"):
        same(stages[0][name], case[2][name])
        return
    published = case[2][f"head/{name}"]
    same(stages[0][name][:, : published.shape[1]], published)


def test_the_answer_is_the_published_one(stages, case):
    depth, sky = stages[1]
    same(depth[0, 0], case[2]["raw/depth"])
    same(sky[0, 0], case[2]["raw/sky"])


def test_the_sky_is_as_far_as_published(stages, case):
    same(farthest_in_sky(*stages[1])[0, 0], case[2]["final/depth"])


@pytest.mark.parametrize("count", [0, 10, 6850, 6860])
def test_hardly_any_sky_or_nothing_else_changes_nothing(stages, count):
    depth = stages[1][0]
    sky = (torch.arange(depth.numel()) < count).float().reshape(depth.shape)
    assert torch.equal(farthest_in_sky(depth, sky), depth)


def test_the_picture_is_prepared_as_published(case):
    """OpenCV rounds some values otherwise, by one gray level."""
    picture = torch.from_numpy(case[2]["image"]).permute(2, 0, 1)[None].float()
    ours = normalize(prepare(picture, case[0]["process_res"]))
    gray_level = 1 / 255 / torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    off = (ours[0] - torch.from_numpy(case[2]["pre/x"])).abs() / gray_level
    assert off.max() < 1.01 and (off > 0.5).float().mean() < 0.02


def test_an_enlarged_picture_is_the_published_one(case):
    published = torch.from_numpy(case[2]["pre/upscaled_u8"]).float()
    picture = torch.from_numpy(case[2]["image"]).permute(2, 0, 1)[None].float()
    off = (prepare(picture, published.shape[2])[0] - published).abs()
    assert off.max() < 1.01 and (off > 0.5).float().mean() < 0.02


def test_sizes_are_the_published_ones(case):
    for name, size in case[0]["sizes"].items():
        width, height = map(int, name.split("x"))
        seen = prepare(torch.zeros(1, 3, height, width))
        assert list(seen.shape[2:]) == size, name


def test_meters_are_those_of_the_published_camera(stages, case):
    numbers = case[2]
    (fx, _, cx), (_, fy, cy), _ = numbers["post/K"].tolist()
    height, width = stages[1][0].shape[2:]
    depth = in_meters(farthest_in_sky(*stages[1]), Intrinsics(fx, fy, cx, cy, width, height))
    same(depth[0, 0], numbers["post/metric_depth"])


@pytest.mark.parametrize("name", ["da3metric-large", "da3mono-large"])
def test_the_large_network_has_the_published_tensors(name):
    with torch.device("meta"):
        network = DepthAnything3(*MODELS[name])
    assert needed_shapes(network, BACKBONE, PREFIX) == released_shapes("da3_large")
