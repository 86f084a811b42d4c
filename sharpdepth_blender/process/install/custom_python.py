"""A user's own Python with PyTorch, used instead of our environment."""

import re
from pathlib import Path

from .inspection import Inspection, inspect_interpreter, pins

# Oldest versions tested with this engine; for all other packages, the pinned version.
_OLDEST = {"torch": "2.6", "numpy": "1.26"}


def oldest() -> dict[str, str]:
    """Return the minimum version of each package for a user's own Python."""
    return pins() | _OLDEST


def inspect_foreign(python: Path) -> Inspection:
    """Inspect an interpreter that was not created by the installer, without changing it."""
    found = inspect_interpreter(python)
    old = [name for name in found.versions if is_older(found.versions[name], oldest()[name])]
    problems = [f"{name} is {found.versions[name]}, older than {oldest()[name]}." for name in old]
    # Its owner may have patched files; it only matters that the packages can be imported.
    problems += [each for each in found.problems if " is damaged: " not in each]
    return Inspection(
        problems, found.versions, found.devices, found.warnings, [*found.missing, *old]
    )


def is_older(version: str, than: str) -> bool:
    """Whether a version is numerically older."""
    return _numbers(version) < _numbers(than)


def mending_command(python: Path, names: list[str]) -> str:
    """Return the command to install these packages, for the user to run."""
    wanted = " ".join(f'"{name}>={oldest()[name]}"' for name in names)
    return f'"{python}" -m pip install {wanted}'


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version.partition("+")[0])[:3]]
