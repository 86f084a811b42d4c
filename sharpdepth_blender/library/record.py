"""The file that tells what lies in a folder of the library, and that it came there whole."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..files import atomic_write

FILE = "sharpdepth.json"


@dataclass(frozen=True)
class Record:
    """How weights came into the library.

    Attributes:
        weights: Their name.
        source: Where they came from: a source of the catalogue, or a folder.
        revision: Commit or tag; empty for a folder.
        when: Date, ISO 8601.
        files: For each file, a path with `/`, its `bytes` and `sha256`.
        notes: A sentence for what was left out.
    """

    weights: str
    source: str
    revision: str
    when: str
    files: dict[str, dict]
    notes: list[str]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file["bytes"] for file in self.files.values())

    def write(self, folder: Path) -> None:
        """Write the record; it is whole whatever happens."""
        with atomic_write(folder / FILE) as beside:
            beside.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")


def read_record(folder: Path) -> Record | None:
    """The record in a folder; None where there is none that can be read."""
    try:
        record = Record(**json.loads((folder / FILE).read_text(encoding="utf-8")))
        return record if record.size >= 0 else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
