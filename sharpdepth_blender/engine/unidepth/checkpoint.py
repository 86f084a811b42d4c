"""Strict loading of released UniDepth checkpoints."""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from ..errors import EngineError
from .backbone import VISION_TRANSFORMERS, released_name
from .v1 import UniDepthV1
from .v2 import UniDepthV2

VERSIONS = {"UniDepthV1": UniDepthV1, "UniDepthV2": UniDepthV2}
BACKBONE = "pixel_encoder."


def load_unidepth(folder) -> UniDepthV1 | UniDepthV2:
    """Load a network in eval mode, float32, from a folder as released by the authors.

    Args:
        folder: Contains `config.json`, which names the version, and `model.safetensors`. Nothing
            else is read.

    Raises:
        EngineError: `unknown_model` for an unsupported version or backbone, `weights_missing` if a
            file or tensor is missing, or a tensor is misshapen or unexpected.
    """
    folder = Path(folder)
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        network = _build(config, folder)
    except OSError as error:
        raise EngineError("weights_missing", f"{folder} contains no config.json.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise EngineError(
            "weights_missing",
            f"{folder / 'config.json'} is not a UniDepth config; download these weights again.",
        ) from error
    _fill(network, folder / "model.safetensors")
    return network.eval()


def _build(config: dict, folder: Path) -> UniDepthV1 | UniDepthV2:
    """Build the network for a config, without allocating its parameters."""
    version = config["model"]["name"]
    encoder = config["model"]["pixel_encoder"]
    if version not in VERSIONS or encoder["name"] not in VISION_TRANSFORMERS:
        raise EngineError(
            "unknown_model",
            f"{folder} contains {version} with the backbone {encoder['name']}; choose one of "
            f"{', '.join(VERSIONS)} with one of {', '.join(VISION_TRANSFORMERS)}.",
        )
    kind = VERSIONS[version]
    for setting, assumed in kind.ASSUMED.items():
        if encoder.get(setting, assumed) != assumed:
            raise EngineError(
                "unknown_model",
                f"{folder} contains {version} with {setting} {encoder[setting]}; "
                f"choose a released one, with {assumed}.",
            )
    with torch.device("meta"):
        return kind(config)


def _fill(network, path: Path):
    """Fill every parameter of an unallocated network."""
    sources = {name: _source(name) for name in network.state_dict()}
    try:
        with safe_open(path, framework="pt") as file:
            _check(network, file, sources, path)
            network.to_empty(device="cpu")
            for name, parameter in network.state_dict().items():
                key, third = sources[name]
                tensor = file.get_tensor(key)
                parameter.copy_(tensor if third is None else tensor.chunk(3)[third])
    except FileNotFoundError as error:
        raise EngineError("weights_missing", f"{path.parent} contains no {path.name}.") from error
    except (OSError, SafetensorError) as error:
        raise EngineError(
            "weights_missing", f"{path} is truncated or damaged; download these weights again."
        ) from error


def _source(name: str) -> tuple[str, int | None]:
    """Map a parameter to its name in a checkpoint, and to the third of its rows."""
    if not name.startswith(BACKBONE):
        return name, None
    key, third = released_name(name.removeprefix(BACKBONE))
    return BACKBONE + key, third


def _check(network, file, sources, path: Path):
    """Compare the tensors of a network and a file, before reading any."""
    there = {key: file.get_slice(key).get_shape() for key in file.keys()}
    needed = {}
    for name, parameter in network.state_dict().items():
        key, third = sources[name]
        rows, *rest = parameter.shape
        needed[key] = [rows if third is None else 3 * rows, *rest]
    unknown = there.keys() - needed.keys() - network.WITHOUT_EFFECT
    misshapen = [key for key in needed.keys() & there.keys() if there[key] != needed[key]]
    for fault, keys in (
        ("lacks {}", needed.keys() - there.keys()),
        ("contains {} of no known use", unknown),
        ("contains {} of the wrong shape", misshapen),
    ):
        if keys:
            count = f"{len(keys)} tensors" if len(keys) > 1 else "a tensor"
            raise EngineError(
                "weights_missing",
                f"{path} {fault.format(count)}, {min(keys)}; download these weights again.",
            )
