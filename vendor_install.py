"""Install the engine's own Python environment: PyTorch, diffusers, transformers.

    python vendor_install.py             install, repair or update it
    python vendor_install.py --check     check whether it works, and how to repair it
    python vendor_install.py --remove    remove it

With --into PYTHON, --check inspects your own Python with PyTorch.

The environment is outside Blender and the extension; neither Blender's Python nor any other is
changed. This script only needs Python 3.11 to 3.14, such as Blender's own.
"""

import argparse
import os
import platform
import sys
from pathlib import Path

from sharpdepth_blender.process.environment import VARIABLE, default_folder, interpreter_in
from sharpdepth_blender.process.install.console import Console, InstallError
from sharpdepth_blender.process.install.custom_python import inspect_foreign, mending_command
from sharpdepth_blender.process.install.inspection import inspect, pins
from sharpdepth_blender.process.install.packager import make_environment
from sharpdepth_blender.process.install.packages import fill
from sharpdepth_blender.process.install.place import LOG, check_place, clear, locked, remove, size
from sharpdepth_blender.process.install.platform_checks import (
    DEVICES,
    check_length,
    check_python,
    has_long_paths,
    torch_backend,
)
from sharpdepth_blender.process.install.record import Record, read_record
from sharpdepth_blender.process.install.wheels import find_links

EXTENSION = Path(__file__).resolve().parent


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0 on success, else print an error to stderr."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--into",
        metavar="DIR",
        help=f"its folder (default: {default_folder()}); for --check also your own Python",
    )
    parser.add_argument(
        "--device",
        choices=DEVICES,
        default="auto",
        help="device for PyTorch (default: detected)",
    )
    parser.add_argument(
        "--find-links", metavar="DIR", help="folder of wheels to prefer over the package index"
    )
    task = parser.add_mutually_exclusive_group()
    task.add_argument("--check", action="store_true", help="check whether the environment works")
    task.add_argument("--remove", action="store_true", help="remove the environment")
    options = parser.parse_args(arguments)
    folder = default_folder()
    if options.into:
        folder = Path(os.path.abspath(Path(options.into).expanduser()))
    try:
        if options.check:
            check(folder)
        elif options.remove:
            remove(folder)
            print(f"Removed {folder}")
        else:
            install(folder, options.device, options.find_links)
    except KeyboardInterrupt:
        print("Interrupted; the next run starts the installation over.", file=sys.stderr)
        return 130
    except InstallError as error:
        print(error, file=sys.stderr)
        if (folder / LOG).is_file():
            print(f"The log is {folder / LOG}", file=sys.stderr)
        return 1
    return 0


def install(folder: Path, device: str, wheels: str | None) -> None:
    """Create the environment unless it exists.

    An incomplete one is recreated from scratch: uv and pip keep the downloads, and there is no way
    to know which of its files are incomplete.

    Args:
        folder: Folder of the environment.
        device: One of `DEVICES`.
        wheels: Preferred folder of wheels, instead of the settings of uv and pip.
    """
    backend = torch_backend(device, sys.platform, platform.machine())
    check_python(sys.version_info[:2], sys.maxsize > 2**32)
    check_length(str(folder), sys.platform, has_long_paths())
    check_place(folder, EXTENSION)
    record = read_record(folder)
    if record and record.complete and (record.pins, record.device) == (pins(), device):
        if interpreter_in(folder).exists():
            return report(folder, record)
    places = find_links(wheels)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            record = Record(pins(), device)
            record.write(folder)
            make(folder, record, places, backend)
    except OSError as error:
        raise InstallError(f"Cannot write to {folder}: {error.strerror}.") from error
    report(folder, record)


def make(folder: Path, record: Record, places: list[str], backend: str | None) -> None:
    """Create an environment from scratch, and its record once it works."""
    console = Console(folder / LOG)
    clear(folder)
    fill(console, make_environment(console, folder), places, backend)
    console.say("Testing the environment")
    found = inspect(folder)
    if found.problems:
        raise InstallError(" ".join(found.problems))
    wanted = "cuda" if record.device == "rocm" else record.device  # PyTorch's own name for both
    if wanted not in ("auto", *found.devices):
        raise InstallError(
            f"PyTorch {found.versions['torch']} found no {record.device} device: check the "
            f"driver, or install with --device auto. {' '.join(found.warnings)}".rstrip()
        )
    record.versions, record.devices, record.size = found.versions, found.devices, size(folder)
    record.warnings = found.warnings
    record.complete = True
    record.write(folder)


def check(folder: Path) -> None:
    """Test the environment and report; if it is broken, mark it for reinstallation."""
    again = f"Run {Path(__file__).name} to install it."
    record = read_record(folder)
    if record is None and (folder.is_file() or interpreter_in(folder).exists()):
        return check_foreign(folder if folder.is_file() else interpreter_in(folder))
    if record is None:
        raise InstallError(f"No engine environment found in {folder}. {again}")
    if not record.complete:
        raise InstallError(f"The environment in {folder} is incomplete or broken. {again}")
    found = inspect(folder)
    if found.problems:
        record.complete = False
        record.write(folder)
        raise InstallError(f"{' '.join(found.problems)} {again}")
    record.versions, record.devices = found.versions, found.devices
    record.warnings = found.warnings
    report(folder, record)


def check_foreign(python: Path) -> None:
    """Inspect a Python that was not created by this installer, and report what it lacks."""
    found = inspect_foreign(python)
    if found.problems:
        mend = f" Fix it with:\n  {mending_command(python, found.missing)}" if found.missing else ""
        raise InstallError(f"{' '.join(found.problems)}{mend}")
    print(f"{python} can run the engine")
    show(found.devices, found.versions, found.warnings)
    print(f"Set the environment variable {VARIABLE} to {python} for SharpDepth to find it.")


def report(folder: Path, record: Record) -> None:
    """Print what is installed, its location, size and devices."""
    print("The engine is installed")
    print(f"  where    {folder}")
    print(f"  size     {record.size / 1e6:,.0f} MB")
    show(record.devices, record.versions, record.warnings)
    if folder != default_folder():
        print(f"Set the environment variable {VARIABLE} to {folder} for SharpDepth to find it.")


def show(devices: dict[str, str], versions: dict[str, str], warnings: list[str]) -> None:
    """Print devices, versions and warnings."""
    print(f"  devices  {', '.join(f'{name} ({what})' for name, what in devices.items())}")
    for name, version in versions.items():
        print(f"  {name} {version}")
    for warning in warnings:
        print(f"note: {warning}")


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if not stream.isatty():  # a Windows pipe is not UTF-8 and may fail on a folder name
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main())
