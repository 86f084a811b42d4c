"""Strict loading of MoGe-2, and conversion of what its authors publish."""

import json
import pickle
from pathlib import Path

import torch

from ..dinov2 import VISION_TRANSFORMERS
from ..errors import EngineError
from ..released import fill, write_tensors
from ..weights import of_bounded_size, read_json
from .network import MoGe2

BACKBONE = "encoder.backbone."  # what the keys of its tensors begin with


def load_moge(folder: Path) -> MoGe2:
    """Load a network in eval mode, float32.

    Args:
        folder: Contains `config.json` and `model.safetensors`, as written by `convert_pickle`.

    Raises:
        EngineError: `unknown_model` for a network of another kind, `weights_missing` if a file or
            tensor is missing, or a tensor is misshapen or unexpected.
    """
    config = read_json(folder / "config.json")
    try:
        backbone = config["encoder"]["backbone"]
        if backbone not in VISION_TRANSFORMERS:
            raise EngineError(
                "unknown_model",
                f"{folder} contains MoGe with the backbone {backbone}; choose one with one of "
                f"{', '.join(VISION_TRANSFORMERS)}.",
            )
        with torch.device("meta"), of_bounded_size():
            network = MoGe2(config)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EngineError(
            "weights_missing",
            f"{folder / 'config.json'} is not a MoGe-2 config that is supported: {error!r}.",
        ) from error
    fill(network, folder / "model.safetensors", BACKBONE, network.WITHOUT_EFFECT)
    return network.eval()


def convert_pickle(path: Path, folder: Path) -> None:
    """Write `config.json` and `model.safetensors` from a released `model.pt`.

    The file is read with `weights_only`, which builds nothing but tensors and plain containers.

    Args:
        path: A dict of `model_config` and `model`, the tensors by key.
        folder: Where the files are written.

    Raises:
        EngineError: `weights_missing`, if the file is something else or damaged; `disk_full` or
            `disk_error`, if the new one cannot be written.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        config, tensors = content["model_config"], content["model"]
        text = json.dumps(config, indent=2)
        tensors = {key: tensor.contiguous().clone() for key, tensor in tensors.items()}
        write_tensors(tensors, folder / "model.safetensors")
    except (
        pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError, TypeError,
        AttributeError,
    ) as error:  # fmt: skip
        raise EngineError(
            "weights_missing",
            f"{path} is not a checkpoint of MoGe-2, or it is damaged; it was not used.",
        ) from error
    (folder / "config.json").write_text(text, encoding="utf-8")
