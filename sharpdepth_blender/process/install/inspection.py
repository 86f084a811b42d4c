"""Inspection of an environment by its own interpreter: packages and devices."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from ..environment import interpreter_in, spawn_options
from .platform_checks import has_nvidia_card

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
# Packages without which the engine works, and what it cannot do then.
_OPTIONAL = {"pillow-heif": "HEIC pictures cannot be read"}
_PROBE = Path(__file__).with_name("probe.py")


@dataclass(frozen=True)
class Inspection:
    """The state of an environment.

    Attributes:
        problems: One sentence per problem; empty if there are none.
        versions: Version of each package that can be imported.
        devices: Description of each PyTorch device, best first: `{"cpu": "8 threads"}`.
        warnings: One sentence per graphics card that cannot be used, with the remedy, and per
            missing package that the engine works without.
        missing: Packages that cannot be imported and that the engine needs.
    """

    problems: list[str]
    versions: dict[str, str]
    devices: dict[str, str]
    warnings: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def pins() -> dict[str, str]:
    """Return the packages required by the engine, with their versions."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").split()
    return dict(line.split("==") for line in lines)


def inspect(folder: Path) -> Inspection:
    """Inspect our environment: all packages, their files, and the pinned versions."""
    found = inspect_interpreter(interpreter_in(folder))
    return Inspection(
        found.problems + compare(found.versions, pins()),
        found.versions,
        found.devices,
        found.warnings,
        found.missing,
    )


def inspect_interpreter(python: Path) -> Inspection:
    """Import all packages with any interpreter; versions are for the caller to check."""
    try:
        answer = subprocess.run(
            [str(python), "-I", "-X", "utf8", str(_PROBE), *pins()],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            **spawn_options(),
        )
    except OSError as error:
        # A symlink to a removed Python looks like a missing file.
        gone = " Its base Python was removed." if python.is_symlink() else ""
        return Inspection([f"Cannot start {python}: {error.strerror}.{gone}"], {}, {})
    try:
        found = json.loads(answer.stdout.strip().rpartition("\n")[2])
    except ValueError:
        last = answer.stderr.strip().rpartition("\n")[2] or f"exit code {answer.returncode}"
        return Inspection([f"{python} does not work: {last.rstrip('.')}."], {}, {})
    errors = {name: error for name, error in found["errors"].items() if name not in _OPTIONAL}
    problems = [f"{name} cannot be imported: {error}." for name, error in errors.items()]
    problems += [
        f"{name} is damaged: {file} is missing or has changed."
        for name, file in found["damaged"].items()
    ]
    warnings = explain_cards(found["build"], found["devices"], found["faults"], has_nvidia_card())
    warnings += [
        f"{name} is not installed, so {what}."
        for name, what in _OPTIONAL.items()
        if name in found["errors"]
    ]
    return Inspection(problems, found["versions"], found["devices"], warnings, list(errors))


def compare(versions: dict[str, str], wanted: dict[str, str]) -> list[str]:
    """Return one sentence per package with a wrong version, ignoring build labels after +."""
    return [
        f"{name} is {versions[name]} instead of {version}."
        for name, version in wanted.items()
        if name in versions and versions[name].partition("+")[0] != version
    ]


def explain_cards(build, devices, faults, nvidia: bool) -> list[str]:
    """Explain why graphics cards cannot be used, and the remedy.

    Args:
        build: PyTorch build: `cuda`, `rocm` or `cpu`; None if PyTorch is missing.
        devices: Working devices.
        faults: Error message of PyTorch for each failing device.
        nvidia: Whether an NVIDIA driver is installed.
    """
    warnings = [
        f"PyTorch cannot use the {device} device ({text.rstrip('.')}): this build does not "
        "support it, or the driver is too old. Update the driver, and run vendor_install.py "
        f"--device {device} again."
        for device, text in faults.items()
    ]
    if nvidia and build is not None and "cuda" not in {*devices, *faults}:
        if build == "cuda":
            warnings.append("PyTorch cannot access the NVIDIA card: update its driver.")
        elif build == "cpu":
            warnings.append(
                "This is the CPU build of PyTorch, although there is an NVIDIA card: run "
                "vendor_install.py --device cuda to use the card."
            )
    return warnings
