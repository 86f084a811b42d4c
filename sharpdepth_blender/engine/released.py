"""Released: strict filling of networks of ours from checkpoints as their authors released them."""

import errno
import os
import re
from collections.abc import Mapping, Set
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from .dinov2 import released_name
from .errors import EngineError


@torch.no_grad()
def fill(
    network: nn.Module,
    path: Path,
    backbone: str,
    without_effect: Set[str] = frozenset(),
    prefix: str = "",
) -> None:
    """Fill every parameter of a network that was built on the meta device; all of it or nothing.

    Args:
        network: Its parameters are named as in the checkpoint, but for those of its `Backbone`.
        path: A safetensors file.
        backbone: What the names of the parameters of its `Backbone` begin with.
        without_effect: Keys of tensors that may be there without being used.
        prefix: What all keys begin with in the checkpoint, before the names of the parameters.

    Raises:
        EngineError: `weights_missing`, if the file or a tensor is missing, or a tensor is misshapen
            or unexpected.
    """
    sources = _sources(network, backbone, prefix)
    try:
        with safe_open(path, framework="pt") as file:
            _check(needed_shapes(network, backbone, prefix), file, without_effect, path)
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


def write_tensors(tensors: Mapping[str, torch.Tensor], path: Path) -> None:
    """Write a safetensors file.

    Raises:
        EngineError: `disk_full`, or `disk_error` if the file cannot be written.
    """
    try:
        save_file(dict(tensors), path)
    except SafetensorError as error:
        number = re.search(r"os error (\d+)", str(error))  # the library has it in words alone
        if number is None:
            raise ValueError(str(error)) from error
        full = int(number[1]) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        why = os.strerror(int(number[1]))
        kind = "disk_full" if full else "disk_error"
        raise EngineError(kind, f"The file {path} cannot be written: {why}.") from error


def needed_shapes(network: nn.Module, backbone: str, prefix: str = "") -> dict[str, list[int]]:
    """Return the shape of every tensor that a network needs of a checkpoint, by key; see `fill`."""
    needed = {}
    sources = _sources(network, backbone, prefix)
    for name, parameter in network.state_dict().items():
        key, third = sources[name]
        rows, *rest = parameter.shape
        needed[key] = [rows if third is None else 3 * rows, *rest]
    return needed


def _sources(network, backbone, prefix) -> dict[str, tuple[str, int | None]]:
    """The key of each parameter in a checkpoint, and which third of its rows, or None for all."""

    def source(name):
        if not name.startswith(backbone):
            return prefix + name, None
        key, third = released_name(name.removeprefix(backbone))
        return prefix + backbone + key, third

    return {name: source(name) for name in network.state_dict()}


def _check(needed, file, without_effect, path: Path):
    """Compare what is needed with what is in a file, before reading any."""
    there = {key: file.get_slice(key).get_shape() for key in file.keys()}
    unknown = there.keys() - needed.keys() - without_effect
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
