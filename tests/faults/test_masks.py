"""Masks and answers of other programs that are none, or of a kind that nobody expects."""

import os

import numpy as np
import pytest

pytest.importorskip("bpy")
import bpy

from sharpdepth_blender import api
from sharpdepth_blender.api import LayerMask
from sharpdepth_blender.geometry import exr_content, png_content
from sharpdepth_blender.scene import SceneError
from sharpdepth_blender.scene.layers import cryptomatte_names, layer_objects
from tests.faults.conftest import assert_sentence
from tests.scene.layers.street_result import add_result
from tests.scene.layers.test_layers import MOVE, THRESHOLDS

WIDTH, HEIGHT = 96, 54
WHITE = b"".join(png_content(np.full((HEIGHT, WIDTH, 3), 255, np.uint8)))


@pytest.fixture
def layer():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return layer_objects(api.split_layers(add_result(), thresholds=THRESHOLDS, move=MOVE))[0]


def cryptomatte(manifest: str) -> bytes:
    ids = np.ones((HEIGHT, WIDTH), np.float32)
    channels = {f"ViewLayer.CryptoObject00.{each}": ids for each in "RGBA"}
    attributes = {"cryptomatte/1234567/manifest": manifest}
    return b"".join(exr_content(channels, attributes=attributes))


MANIFESTS = {
    "none": "", "half": '{"Wall": "0', "a number": "5", "a list": "[1, 2]", "nothing": "null",
    "a list of lists": "[[1]]", "nested deeply": "[" * 100_000 + "]" * 100_000,
    "other values": '{"Wall": {"a": 1}}',
}  # fmt: skip


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest(layer, tmp_path, name):
    path = tmp_path / "mask.exr"
    path.write_bytes(cryptomatte(MANIFESTS[name]))
    assert all(isinstance(each, str) for each in cryptomatte_names(str(path)))
    try:
        api.set_layer_mask(layer, LayerMask("FILE", path=str(path), names=("Wall",)))
    except SceneError as error:
        assert_sentence(str(error))


MASKS = {
    "empty.png": b"", "text.png": b"no picture", "cut.png": WHITE[:60],
    "text.exr": b"no picture", "cut.exr": cryptomatte("{}")[:500], "pickle.png": b"\x80\x04N.",
}  # fmt: skip
PLACES = {
    "folder.png": lambda path: path.mkdir(),
    "pipe.png": os.mkfifo,
    "loop.png": lambda path: path.symlink_to(path),
    "dangling.png": lambda path: path.symlink_to("nowhere"),
    "device.png": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("names", [(), ("Wall",)], ids=["picture", "cryptomatte"])
@pytest.mark.parametrize("name", [*MASKS, *PLACES])
@pytest.mark.timeout(60)
def test_a_mask(layer, tmp_path, name, names):
    path = tmp_path / name
    PLACES[name](path) if name in PLACES else path.write_bytes(MASKS[name])
    with pytest.raises(SceneError) as caught:
        api.set_layer_mask(layer, LayerMask("FILE", path=str(path), names=names))
    assert_sentence(str(caught.value))


@pytest.mark.parametrize("name", [*MASKS, *PLACES])
@pytest.mark.timeout(60)
def test_an_answer(layer, tmp_path, name):
    before = api.layer_pixels(layer)
    path = tmp_path / name
    PLACES[name](path) if name in PLACES else path.write_bytes(MASKS[name])
    with pytest.raises(SceneError) as caught:
        api.take_back(layer, path)
    assert_sentence(str(caught.value))
    assert (api.layer_pixels(layer) == before).all()
