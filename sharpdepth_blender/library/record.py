"""Record file of installed weights, which also marks the folder as complete."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..files import atomic_write

FILE = "sharpdepth.json"


@dataclass(frozen=True)
class Record:
    """Record of an installation.

    Attributes:
        weights: Name of the weights.
        source: A source of the catalogue, or a folder.
        revision: Commit or tag; empty for a folder.
        when: Date, ISO 8601.
        files: `bytes` and `sha256` of each file, by path with `/`.
        notes: Sentences about skipped files.
    """

    weights: str
    source: str
    revision: str
    when: str
    files: dict[str, dict]
    notes: list[str]

    @property
    def size(self) -> int:
        """Total size in bytes."""
        return sum(file["bytes"] for file in self.files.values())

    def write(self, folder: Path) -> None:
        """Write the record atomically."""
        with atomic_write(folder / FILE) as beside:
            beside.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")


def read_record(folder: Path) -> Record | None:
    """Read the record in a folder; None if there is no readable one."""
    try:
        record = Record(**json.loads((folder / FILE).read_text(encoding="utf-8")))
        return record if record.size >= 0 else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
