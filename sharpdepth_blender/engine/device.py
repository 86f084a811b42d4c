"""Device selection, peak memory and out-of-memory errors."""

import gc
import sys
from contextlib import contextmanager

import torch

from .errors import EngineError

# PyTorch has an exception class for CUDA only; the CPU and Metal raise messages. The last one comes
# from CPU convolutions.
MEMORY_WORDS = (
    "out of memory",
    "allocate memory",
    "not enough memory",
    "alloc_failed",
    "bad_alloc",
    "could not create a primitive",
)


def choose_device(name: str) -> str:
    """Return the named device, or the first available one for `auto`.

    Raises:
        EngineError: `bad_request` for an unknown name, `device_missing` for a device that PyTorch
            cannot use here.
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
        raise EngineError("bad_request", f"Unknown device {name}; choose one of: {known}.")
    if not there[name]:
        raise EngineError("device_missing", f"PyTorch found no {name} device on this computer.")
    return name


def finish_work(device: str) -> None:
    """Synchronize with the device, for correct timing."""
    if device != "cpu":
        torch.accelerator.synchronize()


def reset_peak_memory(device: str) -> None:
    """Reset the counter of `peak_memory`, on devices that have one."""
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()


def peak_memory(device: str) -> int:
    """Return the peak memory in bytes.

    CUDA: tensors since `reset_peak_memory`. MPS: current driver allocation, because it records no
    peak. CPU: the whole process since its start.
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
        # Not getrusage: there a child process inherits the peak of Blender, its parent.
        with open("/proc/self/status", encoding="ascii") as status:
            kilobytes = next(line for line in status if line.startswith("VmHWM")).split()[1]
        return int(kilobytes) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def free_memory(device: str) -> None:
    """Release cached memory of the device."""
    gc.collect()
    if device != "cpu":
        torch.accelerator.empty_cache()


@contextmanager
def as_engine_error(device: str):
    """Convert any out-of-memory error into `EngineError("out_of_memory")`."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        text = str(error).lower()
        if not isinstance(error, MemoryError) and not any(word in text for word in MEMORY_WORDS):
            raise
        raise EngineError(
            "out_of_memory",
            f"Out of memory on {device}; close other programs that use it, or choose a "
            "smaller processing resolution.",
        ) from error
