"""Status: what of the engine and of the weights is on this computer."""

import os
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ..library import WEIGHTS, InstalledWeights, Library, Weights
from ..process.environment import VARIABLE, default_folder, interpreter_in
from ..process.install.inspection import pins
from ..process.install.record import Record, read_record
from .prefs import get_preferences

_Answer = TypeVar("_Answer")

_FRESH = 2.0  # seconds for which a panel, drawn again and again, does not look at the disk again
_seen: dict[Hashable, tuple[float, object]] = {}


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


@dataclass(frozen=True)
class Entry:
    """One set of weights.

    Attributes:
        weights: What the catalogue says.
        installed: Where they are; None when they are not here.
        partial: Bytes that a download which was cut short has left.
    """

    weights: Weights
    installed: InstalledWeights | None
    partial: int


def chosen_environment() -> Environment:
    """For panels: that of the preferences, at most two seconds old."""
    chosen = get_preferences().engine
    return recent(("engine", chosen), lambda: find_environment(chosen))


def list_weights() -> list[Entry]:
    """For panels: all of the catalogue, as it was at most two seconds ago."""
    chosen = get_preferences().models

    def look():
        library = Library(chosen or None)
        return [
            Entry(each, library.installed(each), library.partial(each)) for each in WEIGHTS.values()
        ]

    return recent(("weights", chosen), look)


def recent(key: Hashable, look: Callable[[], _Answer]) -> _Answer:
    """What a look finds, or found at most two seconds ago.

    Args:
        key: What is looked for.
        look: Looks at the disk.
    """
    asked, found = _seen.get(key, (None, None))
    if asked is None or time.monotonic() - asked >= _FRESH:
        found = look()
        _seen[key] = time.monotonic(), found
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
