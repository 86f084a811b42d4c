"""Strict loading of a network from its folder."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn.modules.module import register_module_parameter_registration_hook

from .errors import EngineError, reason_of
from .network import CONFIG, WEIGHTS, Network

SHARDS = f"{WEIGHTS}.index.json"  # says which files the tensors are in, if they are in several
_HALF = "fp16"  # in the names of files that hold weights in half precision beside others
# Of a network, and of any number in its config: several times what the largest known one has.
MOST_TENSORS, LARGEST = 4000, 1_000_000


def load_network(kind, folder: Path, dtype: torch.dtype = torch.float32):
    """Load a network in eval mode from its component folder.

    Only safetensors are read. A missing or misshapen tensor is an error: the libraries would fill
    it with random numbers and only warn.

    Args:
        kind: One of our networks, or a model class of diffusers or transformers.
        folder: Contains `config.json` and the weights.
        dtype: Type of the weights in memory, however they are stored.

    Raises:
        EngineError: `weights_missing`.
    """
    if not folder.is_dir():
        raise EngineError(
            "weights_missing", f"The model in {folder.parent} has no {folder.name} folder."
        )
    load = _load_own if issubclass(kind, Network) else _load_from_library
    with naming_unreadable(folder), of_bounded_size():
        _check_numbers(read_json(folder / CONFIG))
        network, absent = load(kind, folder, dtype)
    if absent:
        raise EngineError(
            "weights_missing",
            f"{folder} lacks {len(absent)} tensors required by its config, such as {absent[0]}.",
        )
    return network.eval()


def _load_own(kind, folder, dtype) -> tuple[Network, list[str]]:
    """Return one of our networks and the names of what it lacks."""
    config = read_json(folder / CONFIG)
    try:
        with torch.device("meta"):  # takes no memory, so that a fault is one of the config
            network = kind.from_config(config)
    except RuntimeError as error:
        raise ValueError(reason_of(error)) from error
    files = {folder / WEIGHTS}
    if (folder / SHARDS).is_file():
        files = {folder / name for name in read_json(folder / SHARDS)["weight_map"].values()}
    tensors = {
        kind.current_name(name): tensor
        for file in sorted(files)
        for name, tensor in load_file(file).items()
    }
    wanted = network.state_dict()
    fitting = {
        name: tensors[name].to(dtype)
        for name, tensor in wanted.items()
        if name in tensors and tensors[name].shape == tensor.shape
    }
    network.load_state_dict(fitting, strict=False, assign=True)
    network.to(memory_format=torch.channels_last)  # which convolutions prefer
    return network, sorted(wanted.keys() - fitting.keys())


def _load_from_library(kind, folder, dtype) -> tuple[torch.nn.Module, list[str]]:
    """Return a network of a library and the names of what it lacks."""
    network, info = kind.from_pretrained(
        folder,
        variant=_variant(folder),
        torch_dtype=dtype,
        use_safetensors=True,
        local_files_only=True,
        low_cpu_mem_usage=True,
        ignore_mismatched_sizes=True,  # reported below, in one sentence
        output_loading_info=True,
    )
    mismatched = {key for key, *_ in info["mismatched_keys"]}
    return network, sorted(mismatched | set(info["missing_keys"]))


def _variant(folder: Path) -> str | None:
    """What files of half precision are called by; None where there are others, or none."""
    files = [each.name for each in folder.glob("*.safetensors")]
    return _HALF if files and all(f".{_HALF}." in each for each in files) else None


@contextmanager
def of_bounded_size() -> Iterator[None]:
    """Stop making a network of absurdly many tensors, which would take minutes and all memory.

    Raises:
        ValueError: There are more than `MOST_TENSORS`.
    """
    made = set()

    def count(module, name, _):
        made.add((id(module), name))
        if len(made) > MOST_TENSORS:
            raise ValueError(f"its config asks for more than {MOST_TENSORS} tensors")

    handle = register_module_parameter_registration_hook(count)
    try:
        yield
    finally:
        handle.remove()


def _check_numbers(config) -> None:
    """Raise ValueError where a config has a number so large that a list of as many fills memory."""
    if isinstance(config, (dict, list)):
        for each in config.values() if isinstance(config, dict) else config:
            _check_numbers(each)
    elif isinstance(config, int) and config > LARGEST:
        raise ValueError(f"its config has the number {config:.3g}")


@contextmanager
def naming_unreadable(folder: Path) -> Iterator[None]:
    """Convert what libraries raise of a folder that is damaged, which may be anything.

    Raises:
        EngineError: `weights_missing`.
    """
    try:
        yield
    except (EngineError, MemoryError, ModuleNotFoundError):
        raise  # the last is a fault of the libraries, not of the folder
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
