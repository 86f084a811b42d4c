"""Pinned hashes of the first download of weights, enforced for later downloads."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..files import atomic_write

_FOLDER = ".pins"  # in the library folder; kept when weights are removed


@dataclass(frozen=True)
class Pin:
    """One version of weights.

    Attributes:
        revision: Commit or tag.
        files: SHA-256 of each file.
    """

    revision: str
    files: dict[str, str]


def read_pin(library: Path, name: str) -> Pin | None:
    """Read the pin of weights; None if there is no readable one."""
    try:
        return Pin(**json.loads((library / _FOLDER / f"{name}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_pin(library: Path, name: str, pin: Pin) -> None:
    """Write a pin atomically."""
    path = library / _FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as beside:
        beside.write_text(json.dumps(asdict(pin), indent=2), encoding="utf-8")
