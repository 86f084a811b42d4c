"""The file that tells what stands in an environment's folder, and that the folder is ours."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ...files import atomic_write

FILE = "sharpdepth-engine.json"


@dataclass
class Record:
    """What was installed.

    Attributes:
        pins: Version of each package that was asked for.
        device: What the user asked for: one of `host.DEVICES`.
        complete: Whether the installation came to its end, and no check has found fault since.
        versions: Version of each package that is there.
        devices: As `Inspection.devices`.
        size: Bytes.
        warnings: As `Inspection.warnings`.
    """

    pins: dict[str, str]
    device: str
    complete: bool = False
    versions: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    size: int = 0
    warnings: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Write the record; it is whole whatever happens."""
        with atomic_write(folder / FILE) as beside:
            beside.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")


def read_record(folder: Path) -> Record | None:
    """The record in `folder`; None where there is none, so that the folder is not ours.

    One that cannot be read, as after a power cut, is that of an environment to be made anew.
    """
    try:
        return Record(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    except (ValueError, TypeError):
        return Record({}, "auto")
