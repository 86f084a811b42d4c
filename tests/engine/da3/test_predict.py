"""Depth of Depth Anything 3 for any picture, and checkpoints that are loaded whole or refused."""

import json

import pytest
import torch

from sharpdepth_blender.engine.da3 import load_da3
from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.estimators import load_estimator
from sharpdepth_blender.geometry import Intrinsics
from tests.engine.spoilt_folders import refusal, spoil


@pytest.fixture
def picture(case):
    return torch.from_numpy(case[2]["image"]).permute(2, 0, 1)[None].float()


def test_meters_are_proportional_to_the_focal_length(network, picture):
    near = network.predict(picture, Intrinsics(100.0, 100.0, 60, 45, 120, 90))
    far = network.predict(picture, Intrinsics(250.0, 250.0, 10, 80, 120, 90))
    torch.testing.assert_close(far.depth, 2.5 * near.depth)
    assert near.intrinsics.fx == 100 and near.notes == []
    assert near.depth.shape == near.sky.shape == (1, 1, 90, 120)
    assert near.sky.min() >= 0 and near.sky.max() <= 1


def test_the_focal_length_counts_in_the_picture_that_the_network_sees(network, picture):
    """504 pixels wide, whatever the size of the picture: meters do not depend on it."""
    large = torch.nn.functional.interpolate(picture, scale_factor=4, mode="nearest")
    small = network.predict(picture, Intrinsics(100.0, 100.0, 60, 45, 120, 90)).depth
    same = network.predict(large, Intrinsics(400.0, 400.0, 240, 180, 480, 360)).depth
    assert float(same.median()) == pytest.approx(float(small.median()), rel=0.05)


def test_the_metric_model_is_never_asked_without_a_lens(network, picture):
    assert network.takes_intrinsics and not network.finds_intrinsics
    with pytest.raises(ValueError, match="needs the intrinsics"):
        network.predict(picture)


def test_the_mono_model_says_that_it_knows_no_scale(release, picture):
    network = load_estimator(release["mono"])
    assert not network.takes_intrinsics and not network.finds_intrinsics
    estimate = network.predict(picture, Intrinsics(100.0, 100.0, 60, 45, 120, 90))
    assert (estimate.depth > 0).all() and "no scale" in estimate.notes[0]


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (97, 61), (600, 900)])
def test_pictures_of_any_size_get_finite_depth(network, size):
    height, width = size
    generator = torch.Generator().manual_seed(1)
    picture = torch.randint(0, 256, (1, 3, *size), generator=generator).float()
    estimate = network.predict(picture, Intrinsics(80.0, 80.0, width / 2, 1.0, width, height))
    assert estimate.depth.shape == (1, 1, *size)
    assert estimate.depth.isfinite().all() and (estimate.depth > 0).all()


def test_a_folder_is_known_by_its_config(release):
    network = load_estimator(release["metric"])
    assert type(network).__name__ == "DepthAnything3" and not network.training


def test_a_missing_tensor_is_named(release, tmp_path):
    key = "model.head.scratch.refinenet2.out_conv.bias"
    folder = spoil(release["metric"], tmp_path, lambda tensors: tensors.pop(key))
    assert f"lacks a tensor, {key}" in refusal(load_da3, folder, "weights_missing")


def test_another_model_of_the_family_is_refused_by_name(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_name": "da3-giant"}))
    with pytest.raises(EngineError, match="da3-giant; choose one of: da3metric-large") as caught:
        load_estimator(tmp_path)
    assert caught.value.kind == "unknown_model"
