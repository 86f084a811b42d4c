"""MoGe-2 equals the published network, step by step."""

import numpy as np
import pytest
import torch

from sharpdepth_blender.engine.moge.checkpoint import BACKBONE
from sharpdepth_blender.engine.moge.network import MoGe2
from sharpdepth_blender.engine.moge.stack import uv_plane
from sharpdepth_blender.engine.released import needed_shapes
from sharpdepth_blender.geometry import Intrinsics
from tests.engine.named_weights import released_shapes

# Sizes of the large network, of which the keys are known.
_WIDTHS = [1024, 256, 128, 64, 32]
_STACK = {
    "dim_res_blocks": _WIDTHS,
    "res_block_in_norm": "none",
    "res_block_hidden_norm": "none",
    "resamplers": ["conv_transpose"] * 3 + ["bilinear"],
}


def _head(channels):
    return {
        **_STACK,
        "dim_in": _WIDTHS,
        "num_res_blocks": [0, 1, 1, 1, 0],
        "dim_out": [None] * 4 + [channels],
    }


LARGE = {
    "encoder": {
        "backbone": "dinov2_vitl14", "intermediate_layers": [5, 11, 17, 23], "dim_out": 1024
    },
    "neck": {
        **_STACK,
        "dim_in": [1026, 2, 2, 2, 2],
        "num_res_blocks": [0, 2, 2, 2, 0],
        "dim_out": None,
    },
    "points_head": _head(3),
    "normal_head": _head(3),
    "mask_head": _head(1),
    "scale_head": {"dims": [1024, 1024, 1024, 1]},
    "remap_output": "exp",
    "num_tokens_range": [1200, 3600],
}  # fmt: skip


def same(ours, published, tolerance=1e-4):
    """Within a share of the largest value."""
    ours, published = np.asarray(ours), np.asarray(published)
    assert ours.shape == published.shape
    assert np.abs(ours - published).max() <= tolerance * np.abs(published).max()


@pytest.fixture(scope="module")
def stages(network, case, picture):
    """Every intermediate of ours, by the name that it has in the golden numbers."""
    found, numbers = {}, {}

    def keep(name):
        return lambda module, inputs, output: found.update({name: output})

    hooks = [
        getattr(network, name).register_forward_hook(keep(name))
        for name in ("encoder", "neck", "points_head", "normal_head", "mask_head", "scale_head")
    ]
    backbone = network.encoder.backbone
    hooks += [
        backbone.register_forward_hook(
            lambda module, inputs, output: found.update(seen=inputs[0], after=output)
        ),
        backbone.dinov2.encoder.layer[0].register_forward_pre_hook(
            lambda module, inputs: found.update(embedded=inputs[0])
        ),
    ]
    with torch.no_grad():
        answer = network(picture, case[0]["num_tokens"])
        after = found.pop("after")
        for level, block in enumerate(network.encoder.taken):
            tokens = backbone.norm(after[block])[..., :8]
            numbers[f"enc/layer{level}_patch_c8"] = tokens[:, 1:]
            numbers[f"enc/layer{level}_cls_c8"] = tokens[:, 0]
    for hook in hooks:
        hook.remove()
    numbers["enc/image_14"] = found.pop("seen")
    numbers["enc/embed_c8"] = found.pop("embedded")[..., :8]
    numbers["enc/features"], numbers["enc/cls"] = found.pop("encoder")
    numbers |= {f"neck/level{level}": each for level, each in enumerate(found.pop("neck"))}
    numbers["scale_head/out"] = found.pop("scale_head")
    numbers |= {f"{name}/out": levels[-1] for name, levels in found.items()}
    return numbers, answer


STAGES = [
    "enc/image_14", "enc/embed_c8",
    *(f"enc/layer{level}_{part}_c8" for level in range(4) for part in ("patch", "cls")),
    "enc/features", "enc/cls", *(f"neck/level{level}" for level in range(5)),
    "points_head/out", "normal_head/out", "mask_head/out", "scale_head/out",
]  # fmt: skip


@pytest.mark.parametrize("name", STAGES)
def test_every_intermediate_is_the_published_one(stages, case, name):
    published = case[2][name]
    same(stages[0][name][:, : published.shape[1]], published)


def test_the_answer_is_the_published_one(stages, case):
    answer, numbers = stages[1], case[2]
    same(answer.points.permute(0, 2, 3, 1), numbers["forward/points"])
    same(answer.normals.permute(0, 2, 3, 1), numbers["forward/normal"])
    same(answer.mask[0], numbers["forward/mask"])
    same(answer.scale[None], numbers["forward/metric_scale"])


def test_the_plane_of_uv_is_the_published_one(case):
    for name in ("uv/level0", "uv/level4"):
        published = case[2][name]
        same(uv_plane(*published.shape[1:], 120 / 90)[0], published)


# By the published focal length and shift, and by ours: the published search ends early, and misses
# the least squares by that.
@pytest.mark.parametrize("tolerance", [1e-4, 2e-3], ids=["published search", "our search"])
@pytest.mark.parametrize("given", [False, True], ids=["free", "fov"])
def test_depth_and_camera_are_the_published_ones(
    network, stages, case, given, tolerance, monkeypatch
):
    if tolerance == 1e-4:
        focal, shift = case[2]["recover/fov_focal_shift" if given else "recover/free_focal_shift"]
        found = np.array([focal, focal]), float(shift)
        monkeypatch.setattr("sharpdepth_blender.engine.moge.network.find_shift", lambda *_: found)
    numbers = {
        key.split("/")[1]: value
        for key, value in case[2].items()
        if key.startswith("infer_fov/" if given else "infer_free/")
    }
    matrix = numbers["intrinsics"] * [[120], [90], [1]]
    camera = Intrinsics(matrix[0, 0], matrix[1, 1], 60, 45, 120, 90)
    estimate = network.estimate(stages[1], camera if given else None)
    for ours, published in zip(estimate.intrinsics, camera, strict=True):
        assert ours == pytest.approx(published, rel=tolerance)
    seen = estimate.depth[0, 0].numpy() > 0
    assert (seen == numbers["mask"]).all()
    same(estimate.depth[0, 0][seen], numbers["depth"][seen], tolerance)
    same(estimate.points[0].permute(1, 2, 0)[seen], numbers["points"][seen], tolerance)
    same(estimate.normals[0].permute(1, 2, 0), case[2]["infer_free/normal"])


def test_the_large_network_has_the_published_tensors():
    with torch.device("meta"):
        network = MoGe2(LARGE)
    published = released_shapes("moge2_vitl_normal")
    left = {key: shape for key, shape in published.items() if key not in MoGe2.WITHOUT_EFFECT}
    assert needed_shapes(network, BACKBONE) == left


def test_a_known_lens_leaves_the_found_one_to_compare(network, stages, case):
    known = Intrinsics(70.0, 70.0, 60, 45, 120, 90)
    estimate = network.estimate(stages[1], known)
    assert estimate.intrinsics == known
    published = case[2]["infer_free/intrinsics"]
    assert estimate.found.fx / 120 == pytest.approx(published[0, 0], rel=2e-3)
    assert estimate.found == network.estimate(stages[1], None).intrinsics
