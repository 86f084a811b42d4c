"""What this machine and this Python can have."""

import os
import sys
from pathlib import Path

from .console import InstallError

DEVICES = ("auto", "cuda", "rocm", "cpu", "mps")
_LONGEST = 190  # characters of a file's path within an environment, PyTorch's licenses mostly
_WINDOWS_LIMIT = 260


def torch_backend(device: str, system: str, machine: str) -> str | None:
    """Name that uv has for the build of PyTorch, None for the one that the package index has.

    `auto` has uv look at the driver: CUDA of the newest kind that the driver knows, which for the
    PyTorch we pin has code for cards up to Blackwell (sm_120), ROCm for AMD, else the CPU.

    Raises:
        InstallError: There is none for this machine.
    """
    if system == "darwin":
        if machine != "arm64":
            raise InstallError("PyTorch is no longer made for Macs with Intel processors.")
        if device in ("cuda", "rocm"):
            raise InstallError(f"Macs have no {device.upper()}; leave --device out.")
        return None
    if device == "mps":
        raise InstallError("Only Macs have the device mps; leave --device out.")
    if device == "rocm" and system != "linux":
        raise InstallError("PyTorch for ROCm is made for Linux only; leave --device out.")
    return "cpu" if device == "cpu" else "auto"


def check_python(version: tuple[int, int], is_64_bit: bool) -> None:
    """Refuse a Python that PyTorch has no build for."""
    if not (3, 11) <= version <= (3, 14) or not is_64_bit:
        bits = "" if is_64_bit else " with 32 bits"
        raise InstallError(
            f"The engine needs Python 3.11 to 3.14 with 64 bits, and this is "
            f"{version[0]}.{version[1]}{bits}: start this script with another."
        )


def check_length(folder: str, system: str, long_paths: bool) -> None:
    """Refuse a folder whose name is so long that Windows would not take the files in it.

    Args:
        folder: Of the environment.
        system: As `sys.platform`.
        long_paths: Whether this Windows takes longer paths.

    Raises:
        InstallError: With how many characters are too many.
    """
    over = len(folder) + 1 + _LONGEST - (_WINDOWS_LIMIT - 1)
    if system == "win32" and not long_paths and over > 0:
        raise InstallError(
            f"The path {folder} is {over} characters too long for Windows: name a shorter folder "
            "with --into, or enable long paths in Windows."
        )


def has_long_paths() -> bool:
    """Whether this Windows has been told to take paths of any length."""
    if sys.platform != "win32":
        return True
    import winreg

    key = r"SYSTEM\CurrentControlSet\Control\FileSystem"
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:
            return bool(winreg.QueryValueEx(opened, "LongPathsEnabled")[0])
    except OSError:  # an old Windows without that setting
        return False


def has_nvidia_card(system: str = sys.platform, root: Path = Path("/")) -> bool:
    """Whether an NVIDIA card's driver is installed, whatever PyTorch makes of it."""
    if system == "win32":
        library = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "nvcuda.dll"
        return library.is_file()
    return (root / "proc" / "driver" / "nvidia" / "version").is_file()
