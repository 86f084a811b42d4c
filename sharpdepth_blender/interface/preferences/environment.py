"""Environment: what stands where the engine is looked for."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from ...process.environment import VARIABLE, default_folder, interpreter_in
from ...process.install.inspection import pins
from ...process.install.record import Record, read_record
from .chosen import get_preferences

_FRESH = 2.0  # seconds for which a redraw does not look at the disk again
_seen: dict[str, tuple[float, "Environment"]] = {}


@dataclass(frozen=True)
class Environment:
    """The engine's Python as far as files tell; nothing is run.

    Attributes:
        place: What was chosen: a folder, or an interpreter that the installer did not make.
        python: Its interpreter, whether it is there or not.
        record: Of the installer; None where that has made nothing.
        state: `missing`, `foreign` (not made by the installer), `broken`, `outdated` or
            `installed`.
    """

    place: Path
    python: Path
    record: Record | None
    state: str


def find_environment(chosen: str) -> Environment:
    """Look at the disk.

    Args:
        chosen: Environment folder or interpreter; empty for the place of `find_interpreter`.
    """
    place = Path(chosen or os.environ.get(VARIABLE) or default_folder()).expanduser()
    place = Path(os.path.abspath(place))
    if place.is_file():
        python, around = place, place.parent.parent
        place = around if read_record(around) else place
    else:
        python = interpreter_in(place)
    record = read_record(place)
    return Environment(place, python, record, _state(python, record))


def chosen_environment() -> Environment:
    """For panels: that of the preferences, at most two seconds old."""
    chosen = get_preferences().engine
    asked, found = _seen.get(chosen, (0.0, None))
    if found is None or time.monotonic() - asked >= _FRESH:
        found = find_environment(chosen)
        _seen[chosen] = time.monotonic(), found
    return found


def forget() -> None:
    """Look at the disk again the next time, as something has changed there."""
    _seen.clear()


def _state(python: Path, record: Record | None) -> str:
    if record is None:
        return "foreign" if python.is_file() else "missing"
    if not record.complete or not python.is_file():
        return "broken"
    return "installed" if record.pins == pins() else "outdated"
