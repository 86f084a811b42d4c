"""Platform limits: PyTorch builds, Python versions, path lengths."""

import os
import sys
from pathlib import Path

from .console import InstallError

DEVICES = ("auto", "cuda", "rocm", "cpu", "mps")
_LONGEST = 190  # longest path inside an environment, characters (PyTorch's licenses)
_WINDOWS_LIMIT = 260


def torch_backend(device: str, system: str, machine: str) -> str | None:
    """Return uv's name of the PyTorch build; None for the default of the package index.

    With `auto`, uv selects by the driver: the newest CUDA version that the driver supports, which
    for the pinned PyTorch covers cards up to Blackwell (sm_120), ROCm for AMD, else CPU.

    Raises:
        InstallError: There is no build for this machine.
    """
    if system == "darwin":
        if machine != "arm64":
            raise InstallError("PyTorch no longer supports Macs with Intel processors.")
        if device in ("cuda", "rocm"):
            raise InstallError(f"Macs have no {device.upper()}; omit --device.")
        return None
    if device == "mps":
        raise InstallError("The device mps is only available on Macs; omit --device.")
    if device == "rocm" and system != "linux":
        raise InstallError("PyTorch for ROCm is only available on Linux; omit --device.")
    return "cpu" if device == "cpu" else "auto"


def check_python(version: tuple[int, int], is_64_bit: bool) -> None:
    """Reject a Python for which there is no PyTorch build."""
    if not (3, 11) <= version <= (3, 14) or not is_64_bit:
        bits = "" if is_64_bit else " (32-bit)"
        raise InstallError(
            f"The engine requires 64-bit Python 3.11 to 3.14, but this is "
            f"{version[0]}.{version[1]}{bits}: run this script with another Python."
        )


def check_length(folder: str, system: str, long_paths: bool) -> None:
    """Reject a folder whose path is too long for Windows.

    Args:
        folder: Environment folder.
        system: As `sys.platform`.
        long_paths: Whether long paths are enabled in this Windows.

    Raises:
        InstallError: With the number of excess characters.
    """
    over = len(folder) + 1 + _LONGEST - (_WINDOWS_LIMIT - 1)
    if system == "win32" and not long_paths and over > 0:
        raise InstallError(
            f"The path {folder} is {over} characters too long for Windows: specify a shorter "
            "folder with --into, or enable long paths in Windows."
        )


def has_long_paths() -> bool:
    """Whether long paths are enabled in this Windows."""
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
    """Whether an NVIDIA driver is installed, regardless of PyTorch."""
    if system == "win32":
        library = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "nvcuda.dll"
        return library.is_file()
    return (root / "proc" / "driver" / "nvidia" / "version").is_file()
