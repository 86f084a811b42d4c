"""Strict loading of Depth Anything 3."""

from pathlib import Path

import torch

from ..dinov2 import VISION_TRANSFORMERS
from ..dpt import Sizes
from ..errors import EngineError
from ..released import fill
from ..weights import read_json
from .network import DepthAnything3

_LARGE = Sizes(
    VISION_TRANSFORMERS["dinov2_vitl14"], (4, 11, 17, 23), (256, 512, 1024, 1024), 256
)  # fmt: skip
# Size and kind of each model, by the name in its config.
MODELS = {"da3metric-large": (_LARGE, True), "da3mono-large": (_LARGE, False)}

PREFIX, BACKBONE = "model.", "backbone.pretrained."  # of the keys of all tensors; of its tensors


def load_da3(folder: Path) -> DepthAnything3:
    """Load a network in eval mode, float32, from a folder as released by the authors.

    Args:
        folder: Contains `config.json`, which names the model, and `model.safetensors`.

    Raises:
        EngineError: `unknown_model` for another model of the family, `weights_missing` if a file or
            tensor is missing, or a tensor is misshapen or unexpected.
    """
    name = read_json(folder / "config.json").get("model_name")
    if name not in MODELS:
        raise EngineError(
            "unknown_model",
            f"{folder} contains the Depth Anything 3 model {name}; choose one of: "
            f"{', '.join(MODELS)}.",
        )
    with torch.device("meta"):
        network = DepthAnything3(*MODELS[name])
    fill(network, folder / "model.safetensors", BACKBONE, prefix=PREFIX)
    return network.eval()
