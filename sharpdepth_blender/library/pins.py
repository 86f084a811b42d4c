"""What the first download of weights was, which later ones are held to."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..files import atomic_write

_FOLDER = ".pins"  # of the library's; what is in it outlives the weights themselves


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
    """The pin of weights; None where there is none that can be read."""
    try:
        return Pin(**json.loads((library / _FOLDER / f"{name}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_pin(library: Path, name: str, pin: Pin) -> None:
    """Write a pin; it is whole whatever happens."""
    path = library / _FOLDER / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as beside:
        beside.write_text(json.dumps(asdict(pin), indent=2), encoding="utf-8")
