"""A checkpoint of MoGe-2 is converted once and loaded whole, or the user is told what is wrong."""

import json
import os
from functools import partial

import pytest
import torch
from safetensors.torch import load_file

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.estimators import load_estimator
from sharpdepth_blender.engine.moge import convert_pickle, load_moge
from sharpdepth_blender.geometry import Intrinsics
from tests.engine import spoilt_folders
from tests.engine.spoilt_folders import WEIGHTS, spoil


@pytest.fixture
def spoilt(folder, tmp_path):
    """A copy of the folder, its tensors or its config changed by a function."""
    return partial(spoil, folder, tmp_path)


def refusal(folder, kind="weights_missing"):
    return spoilt_folders.refusal(load_moge, folder, kind)


def test_a_published_file_is_converted(folder, tmp_path):
    """The tensors that have no effect may be there, as they are in the releases."""
    tensors = load_file(folder / WEIGHTS)
    tensors |= {f"encoder.image_{name}": torch.ones(1, 3, 1, 1) for name in ("mean", "std")}
    config = json.loads((folder / "config.json").read_text())
    torch.save({"model_config": config, "model": tensors}, tmp_path / "model.pt")
    convert_pickle(tmp_path / "model.pt", tmp_path)
    assert json.loads((tmp_path / "config.json").read_text()) == config
    written = load_file(tmp_path / WEIGHTS)
    assert written.keys() == tensors.keys()
    assert all(torch.equal(written[key], tensors[key]) for key in tensors)
    picture = torch.zeros(1, 3, 28, 42)
    network = load_moge(tmp_path)
    network.tokens = 6
    assert network.predict(picture).depth.shape == (1, 1, 28, 42)


def test_a_full_disk_is_not_a_damaged_file(tmp_path, full_disk):
    path = tmp_path / "model.pt"
    torch.save({"model_config": {}, "model": {"a": torch.zeros(9999)}}, path)
    with full_disk(5000), pytest.raises(EngineError, match="File too large") as caught:
        convert_pickle(path, tmp_path)
    assert caught.value.kind == "disk_full"
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


class _Trap:
    def __reduce__(self):
        return os.mkdir, ("sprung",)


@pytest.mark.parametrize("kind", ["code", "other", "cut", "text"])
def test_a_file_that_is_something_else_is_not_used(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model.pt"
    torch.save({"model_config": {}, "model": _Trap()} if kind == "code" else [1], path)
    if kind == "cut":
        path.write_bytes(path.read_bytes()[:100])
    elif kind == "text":
        path.write_text("nothing")
    with pytest.raises(EngineError, match="is not a checkpoint of MoGe-2") as caught:
        convert_pickle(path, tmp_path)
    assert caught.value.kind == "weights_missing"
    assert [each.name for each in tmp_path.iterdir()] == ["model.pt"]


def test_a_folder_is_known_by_its_config(folder):
    network = load_estimator(folder)
    assert type(network).__name__ == "MoGe2"
    assert network.takes_intrinsics and network.finds_intrinsics and not network.training


@pytest.mark.parametrize("key", ["scale_head.0.weight", "encoder.backbone.blocks.2.norm1.bias"])
def test_a_missing_tensor_is_named(spoilt, key):
    message = refusal(spoilt(lambda tensors: tensors.pop(key)))
    assert "lacks a tensor" in message and key in message


def test_a_tensor_of_no_known_use_is_named(spoilt):
    message = refusal(spoilt(lambda tensors: tensors.update({"neck.secret": torch.ones(4)})))
    assert "of no known use" in message and "neck.secret" in message


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config.pop("neck"),
        lambda config: config["neck"]["resamplers"].__setitem__(0, "pixel_shuffle"),
        lambda config: config.update(remap_output="cube"),
        lambda config: config["encoder"].update(dim_out=None),
        lambda config: config.update(encoder=[]),
        lambda config: config["neck"].update(num_res_blocks=[5000] * 5),
    ],
)
def test_a_config_of_another_kind_is_refused(spoilt, change):
    assert "not a MoGe-2 config" in refusal(spoilt(config=change))


def test_another_backbone_is_refused_by_name(spoilt):
    message = refusal(
        spoilt(config=lambda config: config["encoder"].update(backbone="dinov2_vitg14")),
        "unknown_model",
    )
    assert "dinov2_vitg14" in message and "dinov2_vitl14" in message


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (97, 61)])
def test_pictures_of_any_size_get_finite_depth(network, monkeypatch, size):
    height, width = size
    generator = torch.Generator().manual_seed(1)
    picture = torch.randint(0, 256, (1, 3, *size), generator=generator).float()
    camera = Intrinsics(50.0, 60.0, 0.4 * width, 0.6 * height, width, height)
    monkeypatch.setattr(network, "tokens", 30)
    estimate = network.predict(picture, camera)
    assert estimate.depth.shape == (1, 1, *size)
    assert estimate.depth.isfinite().all() and (estimate.depth >= 0).all()
    assert estimate.points.isfinite().all() and estimate.normals.isfinite().all()
    assert estimate.intrinsics == camera


def test_a_picture_that_no_lens_fits_asks_for_the_camera(network, monkeypatch):
    monkeypatch.setattr(network, "tokens", 30)
    with pytest.raises(EngineError, match="cannot find the focal length") as caught:
        network.predict(torch.zeros(1, 3, 1, 1))
    assert caught.value.kind == "bad_depth"
