"""What is in an environment and what it can do, asked of its own interpreter."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..environment import interpreter_in, spawn_options

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_PROBE = Path(__file__).with_name("probe.py")


@dataclass(frozen=True)
class Inspection:
    """The state of an environment.

    Attributes:
        problems: A sentence for everything that is wrong; empty when it is sound.
        versions: Version of each package that can be imported.
        devices: For each device of PyTorch, best first, what it is: `{"cpu": "8 threads"}`.
    """

    problems: list[str]
    versions: dict[str, str]
    devices: dict[str, str]


def pins() -> dict[str, str]:
    """Packages the engine needs, and the version of each."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").split()
    return dict(line.split("==") for line in lines)


def inspect(folder: Path) -> Inspection:
    """Import everything in the environment's own interpreter and compare with the pins."""
    python = interpreter_in(folder)
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
        return Inspection([f"{python} cannot be started: {error.strerror}."], {}, {})
    try:
        found = json.loads(answer.stdout.strip().rpartition("\n")[2])
    except ValueError:
        last = answer.stderr.strip().rpartition("\n")[2] or f"exit code {answer.returncode}"
        return Inspection([f"{python} does not work: {last}."], {}, {})
    problems = [f"{name} cannot be imported: {error}." for name, error in found["errors"].items()]
    problems += compare(found["versions"], pins())
    return Inspection(problems, found["versions"], found["devices"])


def compare(versions: dict[str, str], wanted: dict[str, str]) -> list[str]:
    """A sentence for every package of another version; a build's label after + does not count."""
    return [
        f"{name} is {versions[name]} instead of {version}."
        for name, version in wanted.items()
        if name in versions and versions[name].partition("+")[0] != version
    ]
