"""Status: installation state of engine and weights."""

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

_FRESH = 2.0  # seconds for which panels use cached results instead of reading the disk
_seen: dict[Hashable, tuple[float, object]] = {}


@dataclass(frozen=True)
class Environment:
    """State of the engine's Python, determined from files only; nothing is run.

    Attributes:
        place: Chosen folder, or interpreter that the installer did not create.
        python: Its interpreter, whether or not it exists.
        record: Record of the installer; None if there is none.
        state: `missing`, `foreign` (not created by the installer), `broken`, `outdated` or
            `installed`.
    """

    place: Path
    python: Path
    record: Record | None
    state: str


def find_environment(chosen: str) -> Environment:
    """Read the state from disk.

    Args:
        chosen: Environment folder or interpreter; empty for the default of `find_interpreter`.
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
        weights: Catalogue entry.
        installed: Installation; None if not installed.
        partial: Bytes of an interrupted download.
    """

    weights: Weights
    installed: InstalledWeights | None
    partial: int


def chosen_environment() -> Environment:
    """For panels: the environment of the preferences, cached for two seconds."""
    chosen = get_preferences().engine
    return recent(("engine", chosen), lambda: find_environment(chosen))


def list_weights() -> list[Entry]:
    """For panels: all weights of the catalogue, cached for two seconds."""
    chosen = get_preferences().models

    def look():
        library = Library(chosen or None)
        return [
            Entry(each, library.installed(each), library.partial(each)) for each in WEIGHTS.values()
        ]

    return recent(("weights", chosen), look)


def is_installed(weights: Weights) -> bool:
    """For panels and buttons: whether weights are installed, likewise."""
    return any(each.installed for each in list_weights() if each.weights == weights)


def recent(key: Hashable, look: Callable[[], _Answer]) -> _Answer:
    """Return the result of `look`, cached for two seconds.

    Args:
        key: Cache key.
        look: Reads the disk.
    """
    asked, found = _seen.get(key, (None, None))
    if asked is None or time.monotonic() - asked >= _FRESH:
        found = look()
        _seen[key] = time.monotonic(), found
    return found


def forget() -> None:
    """Clear the cache, because something has changed on disk."""
    _seen.clear()


def _state(python: Path, record: Record | None) -> str:
    if record is None:
        return "foreign" if python.is_file() else "missing"
    if not record.complete or not python.is_file():
        return "broken"
    return "installed" if record.pins == pins() else "outdated"
