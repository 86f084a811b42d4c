"""A Python of the user's own that has PyTorch, in place of an environment of ours."""

import re
from pathlib import Path

from .inspection import Inspection, inspect_interpreter, pins

# Nothing older was ever tried with this engine; of everything else the pinned version.
_OLDEST = {"torch": "2.6", "numpy": "1.26"}


def oldest() -> dict[str, str]:
    """The least version of each package that a Python of the user's own has to have."""
    return pins() | _OLDEST


def inspect_foreign(python: Path) -> Inspection:
    """Look at an interpreter that we did not make, and change nothing."""
    found = inspect_interpreter(python)
    old = [name for name in found.versions if is_older(found.versions[name], oldest()[name])]
    problems = [f"{name} is {found.versions[name]}, older than {oldest()[name]}." for name in old]
    # Its owner may have patched a file; that it can be imported is all that counts here.
    problems += [each for each in found.problems if " is damaged: " not in each]
    return Inspection(
        problems, found.versions, found.devices, found.warnings, [*found.missing, *old]
    )


def is_older(version: str, than: str) -> bool:
    """Whether a version is older, by its numbers."""
    return _numbers(version) < _numbers(than)


def mending_command(python: Path, names: list[str]) -> str:
    """The command that brings these packages, for the user to run."""
    wanted = " ".join(f'"{name}>={oldest()[name]}"' for name in names)
    return f'"{python}" -m pip install {wanted}'


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version.partition("+")[0])[:3]]
