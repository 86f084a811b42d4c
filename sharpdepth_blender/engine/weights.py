"""Strict loading of a network from its folder."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from .errors import EngineError, reason_of


def load_network(kind, folder: Path, dtype: torch.dtype = torch.float32):
    """Load a network in eval mode from its component folder.

    Only safetensors are read. A missing or misshapen tensor is an error: the libraries would fill
    it with random numbers and only warn.

    Args:
        kind: A model class of diffusers or transformers.
        folder: Contains `config.json` and the weights.
        dtype: Type of the weights in memory, however they are stored.

    Raises:
        EngineError: `weights_missing`.
    """
    if not folder.is_dir():
        raise EngineError(
            "weights_missing", f"The model in {folder.parent} has no {folder.name} folder."
        )
    with naming_unreadable(folder):
        network, info = kind.from_pretrained(
            folder,
            torch_dtype=dtype,
            use_safetensors=True,
            local_files_only=True,
            low_cpu_mem_usage=True,
            ignore_mismatched_sizes=True,  # reported below, in one sentence
            output_loading_info=True,
        )
    mismatched = {key for key, *_ in info["mismatched_keys"]}
    if absent := sorted(mismatched | set(info["missing_keys"])):
        raise EngineError(
            "weights_missing",
            f"{folder} lacks {len(absent)} tensors required by its config, such as {absent[0]}.",
        )
    return network.eval()


@contextmanager
def naming_unreadable(folder: Path) -> Iterator[None]:
    """Convert what libraries raise of a folder that is damaged, which may be anything.

    Raises:
        EngineError: `weights_missing`.
    """
    try:
        yield
    except (EngineError, MemoryError):
        raise
    except Exception as error:
        if type(error) is RuntimeError:  # of PyTorch: the memory is full
            raise
        raise EngineError(
            "weights_missing", f"{folder} cannot be loaded: {reason_of(error)}."
        ) from error


def read_json(path: Path) -> dict:
    """Read a config file of a model folder.

    Raises:
        EngineError: `weights_missing`.
    """
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineError("weights_missing", f"{path} is missing or damaged.") from error
    if not isinstance(config, dict):
        raise EngineError("weights_missing", f"{path} does not contain a config.")
    return config
