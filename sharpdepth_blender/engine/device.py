"""Which device computes, and what it says when its memory is full."""

from contextlib import contextmanager

import torch

from .errors import EngineError


def choose_device(name: str) -> str:
    """Device of that name, or the first there is.

    Raises:
        EngineError: `bad_request` for a name nobody knows, `device_missing` for a device that
            PyTorch cannot use here.
    """
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return next(device for device, usable in there.items() if usable)
    if name not in there:
        known = ", ".join(["auto", *there])
        raise EngineError("bad_request", f"There is no device {name}; choose one of: {known}.")
    if not there[name]:
        raise EngineError("device_missing", f"PyTorch finds no {name} device on this computer.")
    return name


@contextmanager
def naming_out_of_memory(device: str):
    """Turn every way of running out of memory into `EngineError("out_of_memory")`."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # PyTorch has a class of its own for CUDA alone; the CPU and Metal only say it.
        text = str(error).lower()
        words = ("out of memory", "allocate memory", "not enough memory", "alloc_failed")
        if not isinstance(error, MemoryError) and not any(word in text for word in words):
            raise
        raise EngineError(
            "out_of_memory", f"The memory of {device} is full; try a smaller processing resolution."
        ) from error
