"""What is in an environment and what it can do, asked of its own interpreter."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from ..environment import interpreter_in, spawn_options
from .platform_checks import has_nvidia_card

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_PROBE = Path(__file__).with_name("probe.py")


@dataclass(frozen=True)
class Inspection:
    """The state of an environment.

    Attributes:
        problems: A sentence for everything that is wrong; empty when it is sound.
        versions: Version of each package that can be imported.
        devices: For each device of PyTorch, best first, what it is: `{"cpu": "8 threads"}`.
        warnings: A sentence for every card that is there and cannot be used, and what to do.
        missing: Packages that cannot be imported.
    """

    problems: list[str]
    versions: dict[str, str]
    devices: dict[str, str]
    warnings: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def pins() -> dict[str, str]:
    """Packages the engine needs, and the version of each."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").split()
    return dict(line.split("==") for line in lines)


def inspect(folder: Path) -> Inspection:
    """Look at an environment that we made: every package, its files, and the pinned versions."""
    found = inspect_interpreter(interpreter_in(folder))
    return Inspection(
        found.problems + compare(found.versions, pins()),
        found.versions,
        found.devices,
        found.warnings,
        found.missing,
    )


def inspect_interpreter(python: Path) -> Inspection:
    """Import everything in any interpreter; which versions are in order is the caller's to say."""
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
        # A link to a Python that is gone looks like a file that is not there.
        gone = " The Python that it was made of is gone." if python.is_symlink() else ""
        return Inspection([f"{python} cannot be started: {error.strerror}.{gone}"], {}, {})
    try:
        found = json.loads(answer.stdout.strip().rpartition("\n")[2])
    except ValueError:
        last = answer.stderr.strip().rpartition("\n")[2] or f"exit code {answer.returncode}"
        return Inspection([f"{python} does not work: {last.rstrip('.')}."], {}, {})
    problems = [f"{name} cannot be imported: {error}." for name, error in found["errors"].items()]
    problems += [
        f"{name} is damaged: {file} is missing or has changed."
        for name, file in found["damaged"].items()
    ]
    warnings = explain_cards(found["build"], found["devices"], found["faults"], has_nvidia_card())
    return Inspection(
        problems, found["versions"], found["devices"], warnings, list(found["errors"])
    )


def compare(versions: dict[str, str], wanted: dict[str, str]) -> list[str]:
    """A sentence for every package of another version; a build's label after + does not count."""
    return [
        f"{name} is {versions[name]} instead of {version}."
        for name, version in wanted.items()
        if name in versions and versions[name].partition("+")[0] != version
    ]


def explain_cards(build, devices, faults, nvidia: bool) -> list[str]:
    """What keeps graphics cards from being used, and what to do about it.

    Args:
        build: Of PyTorch: `cuda`, `rocm` or `cpu`; None where it is not there.
        devices: That compute.
        faults: For a device that does not, its name and what PyTorch says.
        nvidia: Whether an NVIDIA driver is installed.
    """
    warnings = [
        f"PyTorch cannot compute on the {device} device ({text.rstrip('.')}): this build has no "
        "code for it, or the driver is too old. Update the driver, and run vendor_install.py "
        f"--device {device} again."
        for device, text in faults.items()
    ]
    if nvidia and build is not None and "cuda" not in {*devices, *faults}:
        if build == "cuda":
            warnings.append(
                "There is an NVIDIA card that PyTorch does not reach: update its driver."
            )
        elif build == "cpu":
            warnings.append(
                "There is an NVIDIA card, and this PyTorch is the build for the CPU: run "
                "vendor_install.py --device cuda to use the card."
            )
    return warnings
