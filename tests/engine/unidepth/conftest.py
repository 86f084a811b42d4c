import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from sharpdepth_blender.engine.dinov2 import VISION_TRANSFORMERS, VisionTransformer
from sharpdepth_blender.engine.unidepth import load_unidepth
from sharpdepth_blender.geometry import Intrinsics

GOLDEN = Path(__file__).resolve().parents[2] / "golden"


@pytest.fixture(scope="session")
def fill():
    """Weights from nothing but their name and shape, as those behind the golden numbers."""

    def values(name, shape):
        seed = int.from_bytes(sha256(name.encode()).digest()[:8], "little")
        generator = np.random.Generator(np.random.PCG64(seed))
        z = generator.standard_normal(int(np.prod(shape)), dtype=np.float32).reshape(shape)
        leaf = name.rsplit(".", 1)[-1]
        if leaf == "gamma":
            return np.float32(1) + np.float32(0.1) * z
        if leaf not in {"weight", "bias"}:
            return np.float32(0.5) * z
        if len(shape) > 1:
            return z * np.float32(1 / np.sqrt(np.prod(shape[1:])))
        if leaf == "weight":
            return np.float32(1) + np.float32(0.1) * z
        return np.float32(0.01) * z

    return values


@pytest.fixture(scope="session")
def golden():
    """Golden numbers of a case (`a_K`) of a model, its picture (1, 3, h, w) and its intrinsics."""
    files = {}

    def case(model, name):
        if model not in files:
            with np.load(GOLDEN / f"{model}.npz") as file:
                files[model] = dict(file)
        numbers = {
            key.removeprefix(f"{name}/"): value
            for key, value in files[model].items()
            if key.startswith(f"{name}/")
        }
        picture = files[model][f"{name[0]}/image_u8"]
        numbers["picture"] = torch.from_numpy(picture).permute(2, 0, 1)[None].float()
        for key in {"K", "K_in"} & numbers.keys():
            matrix = numbers[key].reshape(3, 3)
            numbers[key] = tuple(map(float, matrix[[0, 1, 0, 1], [0, 1, 2, 2]]))
        if given := numbers.get("K_in"):
            numbers["K_in"] = Intrinsics(*given, picture.shape[1], picture.shape[0])
        return numbers

    return case


@pytest.fixture(scope="session")
def describe():
    """What is known of a model behind golden numbers: its config, and shapes by key."""
    return lambda model: json.loads((GOLDEN / f"{model}.json").read_text())


@pytest.fixture(scope="session")
def release(fill, describe, tmp_path_factory):
    """The folder of a model as the authors would release it; no test may change it."""
    with pytest.MonkeyPatch.context() as patch:
        derived = describe("unidepth_v1_tiny")["derived"]
        sizes = [derived[name] for name in ("embed_dim", "depth", "num_heads", "output_idx")]
        patch.setitem(VISION_TRANSFORMERS, "dinov2_tiny14", VisionTransformer(*sizes))
        folders = {}

        def folder(model):
            if model not in folders:
                known = describe(model)
                folders[model] = tmp_path_factory.mktemp(model)
                (folders[model] / "config.json").write_text(json.dumps(known["config"]))
                shapes = known["state_dict"].items()
                tensors = {key: fill(known["fill_prefix"] + key, shape) for key, shape in shapes}
                save_file(tensors, folders[model] / "model.safetensors")
            return folders[model]

        yield folder


@pytest.fixture(scope="session")
def load(release):
    """The network of a model, loaded once; no test may change it."""
    networks = {}

    def network(model):
        if model not in networks:
            networks[model] = load_unidepth(release(model))
        return networks[model]

    return network


@dataclass(frozen=True)
class Call:
    """What a part of a network was given, and what it answered."""

    inputs: tuple
    output: object


@pytest.fixture
def watch():
    """The calls of parts of a network from now on, in order: name of the part -> calls."""
    hooks = []

    def start(network, *names):
        calls = {name: [] for name in names}

        def listener(name):
            return lambda part, inputs, output: calls[name].append(Call(inputs, output))

        for name in names:
            hooks.append(network.get_submodule(name).register_forward_hook(listener(name)))
        return calls

    yield start
    for hook in hooks:
        hook.remove()


@pytest.fixture(scope="session")
def relative_error():
    """Largest difference over largest reference."""

    def error(ours, reference):
        ours, reference = np.asarray(ours, np.float64), np.asarray(reference, np.float64)
        assert ours.shape == reference.shape
        return np.abs(ours - reference).max() / np.abs(reference).max()

    return error
