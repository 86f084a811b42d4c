"""Strict loading of released UniDepth checkpoints."""

from pathlib import Path

import torch

from ..dinov2 import VISION_TRANSFORMERS
from ..errors import EngineError
from ..released import fill
from ..weights import of_bounded_size, read_json
from .v1 import UniDepthV1
from .v2 import UniDepthV2

VERSIONS = {"UniDepthV1": UniDepthV1, "UniDepthV2": UniDepthV2}
BACKBONE = "pixel_encoder."  # what the keys of its tensors begin with


def load_unidepth(folder: Path) -> UniDepthV1 | UniDepthV2:
    """Load a network in eval mode, float32, from a folder as released by the authors.

    Args:
        folder: Contains `config.json`, which names the version, and `model.safetensors`. Nothing
            else is read.

    Raises:
        EngineError: `unknown_model` for an unsupported version or backbone, `weights_missing` if a
            file or tensor is missing, or a tensor is misshapen or unexpected.
    """
    config = read_json(folder / "config.json")
    try:
        network = _build(config, folder)
    except (KeyError, TypeError, ValueError) as error:
        raise EngineError(
            "weights_missing",
            f"{folder / 'config.json'} is not a UniDepth config; download these weights again.",
        ) from error
    fill(network, folder / "model.safetensors", BACKBONE, network.WITHOUT_EFFECT)
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
    with torch.device("meta"), of_bounded_size():
        return kind(config)
