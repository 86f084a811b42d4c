"""Strict loading of Video Depth Anything, and conversion of what its authors publish."""

import json
import pickle
from pathlib import Path

import torch

from ..dinov2 import VISION_TRANSFORMERS
from ..dpt import Sizes
from ..errors import EngineError
from ..released import fill, write_tensors
from ..weights import read_json
from .network import VideoDepthAnything

BACKBONE = "pretrained."  # what the keys of its tensors begin with
# Sizes of each model, by the name of its encoder.
MODELS = {
    "vits": Sizes(VISION_TRANSFORMERS["dinov2_vits14"], (2, 5, 8, 11), (48, 96, 192, 384), 64),
}


def load_video_depth(folder: Path) -> VideoDepthAnything:
    """Load a network in eval mode, float32.

    Args:
        folder: Contains `config.json` and `model.safetensors`, as written by `convert_pickle`.

    Raises:
        EngineError: `unknown_model` for another size, `weights_missing` if a file or tensor is
            missing, or a tensor is misshapen or unexpected.
    """
    encoder = read_json(folder / "config.json").get("encoder")
    if encoder not in MODELS:
        raise EngineError(
            "unknown_model",
            f"{folder} contains Video Depth Anything with the encoder {encoder}; choose one of: "
            f"{', '.join(MODELS)}.",
        )
    with torch.device("meta"):
        network = VideoDepthAnything(MODELS[encoder])
    fill(network, folder / "model.safetensors", BACKBONE, network.WITHOUT_EFFECT)
    return network.eval()


def convert_pickle(path: Path, folder: Path) -> None:
    """Write `config.json` and `model.safetensors` from a released checkpoint.

    The file is read with `weights_only`, which builds nothing but tensors and plain containers.

    Args:
        path: A dict of the tensors by key.
        folder: Where the files are written.

    Raises:
        EngineError: `weights_missing`, if the file is something else or damaged; `disk_full` or
            `disk_error`, if the new one cannot be written.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        width = content[f"{BACKBONE}cls_token"].shape[-1]
        encoder = next(name for name, sizes in MODELS.items() if sizes.backbone.width == width)
        tensors = {key: tensor.contiguous().clone() for key, tensor in content.items()}
        write_tensors(tensors, folder / "model.safetensors")
    except (
        pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError, TypeError,
        AttributeError, StopIteration, IndexError,
    ) as error:  # fmt: skip
        raise EngineError(
            "weights_missing",
            f"{path} is not a checkpoint of Video Depth Anything that is supported, or it is "
            "damaged; it was not used.",
        ) from error
    (folder / "config.json").write_text(json.dumps({"encoder": encoder}), encoding="utf-8")
