# ruff: noqa: E501  (a table reads best with a case a line)
"""Weights that are none, or not those that they say: in the engine's Python."""

import json
import pickle
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from diffusers.utils import logging
from safetensors.torch import load_file, save_file

from sharpdepth_blender.engine import SharpDepth
from sharpdepth_blender.engine.errors import EngineError
from tests.faults.conftest import REPOSITORY, assert_sentence, assert_told

TINY = REPOSITORY / "tests" / "golden" / "tiny_sharpdepth"
UNET = "unet/diffusion_pytorch_model.safetensors"
VAE = "vae/diffusion_pytorch_model.safetensors"
RGB = np.random.default_rng(0).integers(0, 256, (40, 56, 3), np.uint8)
METERS = np.repeat(np.linspace(2, 3, 40, dtype=np.float32)[:, None], 56, axis=1)
UNREADABLE = "cannot be loaded"


class Evil:
    def __reduce__(self):
        return open, ("/tmp/sharpdepth-unpickled", "w")


def cut(tenth):
    return lambda data: data[: len(data) * tenth // 10]


def length(number):
    return lambda data: number.to_bytes(8, "little") + data[8:]


def header(change):
    """With another header, whose length is right."""

    def changed(data):
        size = int.from_bytes(data[:8], "little")
        head = json.loads(data[8 : 8 + size])
        text = json.dumps(change(head)).encode()
        return len(text).to_bytes(8, "little") + text + data[8 + size :]

    return changed


def first(**values):
    """With other facts of the first tensor."""

    def change(head):
        name = min(key for key in head if key != "__metadata__")
        return head | {name: head[name] | values}

    return header(change)


BYTES = {
    "empty": lambda data: b"",
    "seven bytes": lambda data: data[:7],
    **{f"cut at {tenth}": cut(tenth) for tenth in (1, 5, 9)},
    "a byte short": lambda data: data[:-1],
    "a byte more": lambda data: data + b"\0",
    "a header of 2^60": length(2**60),
    "a header of 2^63": length(2**63),
    "a header of -1": length(2**64 - 1),
    "a header of 0": length(0),
    "a header of 100 MB": length(100_000_000),
    "a header of zeros": lambda data: data[:8] + bytes(5000) + data[5008:],
    "a header that is a list": header(lambda head: []),
    "a header that is a word": header(lambda head: "evil"),
    "a tensor that is a word": header(lambda head: head | {"a": "evil"}),
    "an unknown type": first(dtype="EVIL"),
    "no type": first(dtype=None),
    "a negative side": first(shape=[-1, 4]),
    "a side of 2^62": first(shape=[2**62, 4]),
    "sides that overflow": first(shape=[2**33, 2**33]),
    "offsets beyond the file": first(data_offsets=[0, 2**50]),
    "offsets that go back": first(data_offsets=[900, 4]),
    "offsets below zero": first(data_offsets=[-4, 4]),
    "a pickle of the name": lambda data: pickle.dumps(Evil()),
    "a zip of the name": lambda data: b"PK\3\4" + bytes(400),
    "a web page": lambda data: b"<html>Not found</html>" * 50,
    "a pointer of git lfs": lambda data: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
}  # fmt: skip


@pytest.fixture
def model(tmp_path):
    """A folder whose files may be spoilt."""
    logging.disable_default_handler()  # writes to what was the error stream at its import
    folder = tmp_path / "model"
    shutil.copytree(TINY, folder)
    return folder


def infer(folder):
    """What a user gets of a model: a sound result."""
    engine = SharpDepth.load(str(folder), device="cpu")
    engine.processing_resolution = 64
    result = engine.infer(RGB, metric_depth=METERS)
    assert np.isfinite(result.depth).all() and result.depth.min() > 0
    return result


@pytest.mark.parametrize("name", BYTES)
def test_a_file(harmless, model, name):
    (model / UNET).write_bytes(BYTES[name]((model / UNET).read_bytes()))
    assert_told(harmless(lambda: infer(model)), UNREADABLE)


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bits_of_the_header(harmless, model, seed):
    data = bytearray((model / UNET).read_bytes())
    size = int.from_bytes(data[:8], "little")
    for place in np.random.default_rng(seed).integers(8, 8 + size, 40).tolist():
        data[place] ^= 1 << (place % 8)
    (model / UNET).write_bytes(data)
    assert harmless(lambda: infer(model)).kind == "weights_missing"


def spoil(path, change):
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)


def fill(value, names=1):
    def change(tensors):
        for name in sorted(tensors)[: names or None]:
            tensors[name] = torch.full_like(tensors[name], value)

    return change


def without(tensors):
    del tensors[min(tensors)]


def with_more(tensors):
    tensors["evil.weight"] = torch.zeros(3)


def misshapen(tensors):
    tensors[min(tensors)] = torch.zeros(1, 1)


def of_type(kind):
    def change(tensors):
        for name, tensor in tensors.items():
            tensors[name] = tensor.to(kind)

    return change


TENSORS = {
    "NaN in one": (UNET, fill(float("nan")), ""),
    "NaN in all": (UNET, fill(float("nan"), 0), ""),
    "infinite": (UNET, fill(float("inf"), 0), ""),
    "NaN in the autoencoder": (VAE, fill(float("nan"), 0), ""),
    "zeros": (UNET, fill(0.0, 0), ""),
    "zeros in the autoencoder": (VAE, fill(0.0, 0), ""),
    "1e30": (UNET, fill(1e30, 0), ""),
    "one missing": (UNET, without, "lacks 1 tensors"),
    "all missing": (UNET, lambda tensors: tensors.clear(), "tensors required by its config"),
    "one more": (UNET, with_more, ""),
    "one misshapen": (UNET, misshapen, "lacks 1 tensors"),
    "of the autoencoder": (UNET, lambda tensors: (tensors.clear(), tensors.update(load_file(TINY / VAE))), "tensors required by its config"),
    "halves": (UNET, of_type(torch.float16), ""),
    "doubles": (UNET, of_type(torch.float64), ""),
    "whole numbers": (UNET, of_type(torch.int8), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", TENSORS)
def test_tensors(harmless, model, name):
    file, change, words = TENSORS[name]
    spoil(model / file, change)
    assert_told(harmless(lambda: infer(model)), words)


def config(**values):
    def change(path):
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change


def text(content):
    return lambda path: path.write_text(content)


CONFIGS = {
    "no config": ("unet/config.json", lambda path: path.unlink(), "config.json is missing or damaged"),
    "an empty config": ("unet/config.json", text(""), "config.json is missing or damaged"),
    "half a config": ("unet/config.json", text('{"in_channels": 8,'), "config.json is missing or damaged"),
    "a list": ("unet/config.json", text("[]"), "does not contain a config"),
    "a number": ("unet/config.json", text("17"), "does not contain a config"),
    "nothing in it": ("unet/config.json", text("{}"), "tensors required by its config"),
    "an unknown class": ("unet/config.json", config(_class_name="os.system"), ""),
    "channels of words": ("unet/config.json", config(block_out_channels=["a", "b"]), UNREADABLE),
    "channels below zero": ("unet/config.json", config(block_out_channels=[-32, -64]), UNREADABLE),
    "blocks nobody knows": ("unet/config.json", config(down_block_types=["Evil", "Evil"]), "has a Evil, which is not supported"),
    "other channels": ("unet/config.json", config(in_channels=5), "tensors required by its config"),
    "a thousand blocks a level": ("unet/config.json", config(layers_per_block=1000), "asks for more than 4000 tensors"),
    "blocks by the billion": ("unet/config.json", config(layers_per_block=10**9), "has the number 1e+09"),
    "an autoencoder of a thousand blocks": ("vae/config.json", config(layers_per_block=1000), "asks for more than 4000 tensors"),
    "a thousand levels": ("vae/config.json", config(block_out_channels=[32] * 1000), UNREADABLE),
    "a prompt of half a million features": ("unet/config.json", config(cross_attention_dim=500_000), "tensors required by its config"),
    "a billion heads": ("unet/config.json", config(attention_head_dim=10**9), "has the number 1e+09"),
    "no index": ("model_index.json", lambda path: path.unlink(), "model_index.json is missing or damaged"),
    "half an index": ("model_index.json", text("{"), "model_index.json is missing or damaged"),
    "an index that is a list": ("model_index.json", text("[]"), "model_index.json does not contain a config"),
    "an index with code": ("model_index.json", config(unet=["os", "system"], _class_name="Evil"), ""),
    "a resolution of words": ("model_index.json", config(processing_resolution="large"), "model cannot be loaded"),
    "no scheduler": ("scheduler/scheduler_config.json", lambda path: path.unlink(), "scheduler_config.json is missing or damaged"),
    "half a scheduler": ("scheduler/scheduler_config.json", text("{"), "scheduler_config.json is missing or damaged"),
    "a scheduler of 0 steps": ("scheduler/scheduler_config.json", config(num_train_timesteps=0), "no timesteps"),
    "a scheduler of words": ("scheduler/scheduler_config.json", config(beta_schedule="evil"), "scheduler"),
    "a scheduler of another space": ("scheduler/scheduler_config.json", config(depth_space="evil"), "depth space evil"),
    "no tokenizer": ("tokenizer/vocab.json", lambda path: path.unlink(), "tokenizer cannot be loaded"),
    "half a tokenizer": ("tokenizer/vocab.json", text("{"), "tokenizer cannot be loaded"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config(harmless, model, name):
    file, change, words = CONFIGS[name]
    change(model / file)
    outcome = harmless(lambda: infer(model))
    assert_told(outcome, words)


@pytest.mark.parametrize("suffix", ["bin", "pt", "ckpt", "pth", "pkl"])
def test_a_pickle_beside_is_never_opened(harmless, model, suffix):
    (model / UNET).unlink()
    (model / UNET).with_suffix(f".{suffix}").write_bytes(pickle.dumps(Evil()))
    assert_told(harmless(lambda: infer(model)), UNREADABLE)
    assert not Path("/tmp/sharpdepth-unpickled").exists()


PLACES = {
    "a folder": lambda path: path.mkdir(),
    "a dangling link": lambda path: path.symlink_to("nowhere"),
    "a looping link": lambda path: path.symlink_to(path.name),
    "a device": lambda path: path.symlink_to("/dev/null"),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_file_that_is_none(harmless, model, name):
    (model / UNET).unlink()
    PLACES[name](model / UNET)
    assert_told(harmless(lambda: infer(model)), UNREADABLE)


PREVIEW = REPOSITORY / "sharpdepth_blender" / "models" / "preview"


def remove(folder):
    shutil.rmtree(folder)


def move(folder):
    folder.rename(folder.with_name("elsewhere"))


class Opened:
    """Does something to a folder just before one of its files is opened by Python."""

    def __init__(self):
        self.folder, self.left, self.act = "", 0, None
        sys.addaudithook(self._hear)

    def watch(self, folder, left, act):
        self.folder, self.left, self.act = str(folder), left, act

    def _hear(self, event, arguments):
        if event == "open" and self.folder and str(arguments[0]).startswith(self.folder):
            self.left -= 1
            if self.left == 0:
                folder, self.folder = self.folder, ""
                self.act(Path(folder))


@pytest.fixture(scope="module")
def opened():
    return Opened()


@pytest.mark.parametrize("doing", [remove, move])
@pytest.mark.parametrize("file", range(1, 8))
def test_the_folder_goes_while_it_is_loaded(model, opened, doing, file):
    opened.watch(model, file, doing)
    try:
        infer(model)
    except EngineError as error:
        assert error.kind == "weights_missing" and str(model) in error.message
        assert_sentence(error.message)
    else:
        assert opened.left > 0, "it was not told that a folder is gone"
        pytest.skip("it opens fewer files")
    finally:
        opened.watch("", 0, None)
    shutil.copytree(TINY, model)
    assert infer(model)


@pytest.mark.parametrize("doing", [remove, move])
def test_the_folder_goes_between_two_pictures(tmp_path, doing):
    """What is not loaded yet, the metric estimator, is missed; what is loaded works on."""
    folder = tmp_path / "model"
    shutil.copytree(PREVIEW, folder)
    engine = SharpDepth.load(str(folder), device="cpu")
    engine.processing_resolution = 64
    doing(folder)
    assert np.isfinite(engine.infer(RGB, metric_depth=METERS).depth).all()
    for take in (lambda: engine.infer(RGB), lambda: SharpDepth.load(str(folder))):
        with pytest.raises(EngineError) as caught:
            take()
        assert caught.value.message.startswith(f"There is no folder {folder}")
        assert_sentence(caught.value.message)
    shutil.copytree(PREVIEW, folder)
    assert np.isfinite(engine.infer(RGB).depth).all()
