"""Record file of an environment, which also marks the folder as ours."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ...files import atomic_write

FILE = "sharpdepth-engine.json"


@dataclass
class Record:
    """Record of an installation.

    Attributes:
        pins: Requested version of each package.
        device: Requested device, one of `platform_checks.DEVICES`.
        complete: Whether the installation finished, and no later check found a problem.
        versions: Installed version of each package.
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
        """Write the record atomically."""
        with atomic_write(folder / FILE) as beside:
            beside.write_text(json.dumps(asdict(self), indent=2), encoding="utf-8")


def read_record(folder: Path) -> Record | None:
    """Read the record in `folder`; None if there is none, so that the folder is not ours.

    An unreadable record, as after a power failure, means that the environment must be reinstalled.
    """
    try:
        return Record(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    except (ValueError, TypeError):
        return Record({}, "auto")
