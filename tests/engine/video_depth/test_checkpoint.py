"""A published checkpoint is converted once and loaded whole, or the user is told what is wrong."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from sharpdepth_blender.engine.errors import EngineError
from sharpdepth_blender.engine.video import VideoDepth
from sharpdepth_blender.engine.video_depth import convert_pickle, load_video_depth
from tests.engine.named_weights import released_shapes


def test_a_published_file_is_converted(tmp_path):
    shapes = released_shapes("video_depth_vits")
    tensors = {key: torch.zeros(shape) for key, shape in shapes.items()}
    path = tmp_path / "video_depth_anything_vits.pth"
    torch.save(tensors, path)
    convert_pickle(path, tmp_path)
    assert json.loads((tmp_path / "config.json").read_text()) == {"encoder": "vits"}
    assert load_file(tmp_path / "model.safetensors").keys() == tensors.keys()
    network = load_video_depth(tmp_path)
    network.side = 14
    assert network.predict(torch.zeros(2, 3, 14, 28)).shape == (2, 14, 28)


def test_a_full_disk_is_not_a_damaged_file(tmp_path, full_disk):
    path = tmp_path / "a.pth"
    torch.save({"pretrained.cls_token": torch.zeros(1, 1, 384), "a": torch.zeros(9999)}, path)
    with full_disk(5000), pytest.raises(EngineError, match="File too large") as caught:
        convert_pickle(path, tmp_path)
    assert caught.value.kind == "disk_full"
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "content", [{"other": torch.zeros(1)}, [1], {"pretrained.cls_token": torch.zeros(1, 1, 5)}, {}]
)
def test_a_file_that_is_something_else_is_not_used(tmp_path, content):
    path = tmp_path / "a.pth"
    torch.save(content, path)
    with pytest.raises(EngineError, match="is not a checkpoint of Video Depth Anything") as caught:
        convert_pickle(path, tmp_path)
    assert caught.value.kind == "weights_missing"
    assert [each.name for each in tmp_path.iterdir()] == ["a.pth"]


def test_another_size_is_refused_by_name(tmp_path):
    (tmp_path / "config.json").write_text('{"encoder": "vitl"}')
    with pytest.raises(EngineError, match="vitl; choose one of: vits") as caught:
        load_video_depth(tmp_path)
    assert caught.value.kind == "unknown_model"


def test_files_are_looked_at_together(network, tmp_path):
    """A frame's answer depends on the others; of one size all must be."""
    paths = []
    for number in range(3):
        rgb = np.random.default_rng(number).integers(0, 256, (20, 30, 3), dtype=np.uint8)
        paths.append(str(tmp_path / f"{number}.png"))
        Image.fromarray(rgb).save(paths[-1])
    told = []
    model = VideoDepth(network, "cpu")
    together = model.look(paths, told.append)
    assert together.shape == (3, 56, 84) and together.dtype == np.float32
    assert told == sorted(told) and told[0] == 0
    assert np.abs(together[0] - model.look(paths[:1])[0]).max() > 1e-3
    Image.fromarray(np.zeros((20, 60, 3), np.uint8)).save(paths[1])
    with pytest.raises(EngineError, match="another size") as caught:
        model.look(paths)
    assert caught.value.kind == "bad_image"
