"""Loading one network from its folder, all of it or not at all."""

import json
from pathlib import Path

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError

from .errors import EngineError


def load_network(kind, folder: Path, dtype: torch.dtype = torch.float32):
    """A network in evaluation mode from its own folder of a model.

    Only safetensors are read. A tensor that is missing or misshapen is an error: the libraries
    would fill it with random numbers and warn.

    Args:
        kind: A model class of diffusers or transformers.
        folder: Holds `config.json` and the weights.
        dtype: Of the weights in memory, however they are stored.

    Raises:
        EngineError: `weights_missing`.
    """
    if not folder.is_dir():
        raise EngineError(
            "weights_missing", f"The model in {folder.parent} has no {folder.name} folder."
        )
    try:
        network, info = kind.from_pretrained(
            folder,
            torch_dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            low_cpu_mem_usage=True,
            ignore_mismatched_sizes=True,  # told below, in one sentence
            output_loading_info=True,
        )
    except (OSError, ValueError, SafetensorError, StrictDataclassError) as error:
        # The libraries take many lines to say it; the traceback keeps them.
        reason = str(error).strip().splitlines()[0].rstrip(".:")
        raise EngineError("weights_missing", f"{folder} cannot be loaded: {reason}.") from error
    mismatched = {key for key, *_ in info["mismatched_keys"]}
    if absent := sorted(mismatched | set(info["missing_keys"])):
        raise EngineError(
            "weights_missing",
            f"{folder} lacks {len(absent)} tensors that fit its config, {absent[0]} among them.",
        )
    return network.eval()


def read_json(path: Path) -> dict:
    """A config of a model folder.

    Raises:
        EngineError: `weights_missing`.
    """
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineError("weights_missing", f"{path} is not there or damaged.") from error
    if not isinstance(config, dict):
        raise EngineError("weights_missing", f"{path} does not hold a config.")
    return config
