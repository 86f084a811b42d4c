"""Which device computes, how much of its memory is used, and what it says when that is full."""

import gc
import sys
from contextlib import contextmanager

import torch

from .errors import EngineError

# PyTorch has a class of its own for CUDA alone; the CPU and Metal only say it. The last one is how
# its convolutions on the CPU put it.
MEMORY_WORDS = (
    "out of memory",
    "allocate memory",
    "not enough memory",
    "alloc_failed",
    "bad_alloc",
    "could not create a primitive",
)


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


def finish_work(device: str) -> None:
    """Wait until what was queued on the device is done, so that a clock tells the truth."""
    if device != "cpu":
        torch.accelerator.synchronize()


def reset_peak_memory(device: str) -> None:
    """Begin anew what `peak_memory` counts, on a device that can."""
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()


def peak_memory(device: str) -> int:
    """Bytes that were in use at most.

    On CUDA tensors since `reset_peak_memory`; on MPS what the driver holds now, as it keeps no
    record; on the CPU the whole process since it began.
    """
    if device == "cuda":
        return torch.cuda.max_memory_allocated()
    if device == "mps":
        return torch.mps.driver_allocated_memory()
    return _process_peak()


def _process_peak() -> int:
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset
    if sys.platform == "linux":
        # Not getrusage: a child begins there with the peak of Blender, which started it.
        with open("/proc/self/status", encoding="ascii") as status:
            kilobytes = next(line for line in status if line.startswith("VmHWM")).split()[1]
        return int(kilobytes) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def free_memory(device: str) -> None:
    """Give the device back what no tensor uses."""
    gc.collect()
    if device != "cpu":
        torch.accelerator.empty_cache()


@contextmanager
def as_engine_error(device: str):
    """Turn every way of running out of memory into `EngineError("out_of_memory")`."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        text = str(error).lower()
        if not isinstance(error, MemoryError) and not any(word in text for word in MEMORY_WORDS):
            raise
        raise EngineError(
            "out_of_memory",
            f"The memory of {device} is full; close other programs that use it, or choose a "
            "smaller processing resolution.",
        ) from error
