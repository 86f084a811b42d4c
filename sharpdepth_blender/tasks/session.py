"""Session: the engine shared by everything in this Blender."""

from ..process import Engine
from .prefs import get_preferences

_engines: dict[tuple, Engine] = {}


def get_engine() -> Engine:
    """Return the engine for the current preferences, or the previous one while it is busy."""
    for engine in _engines.values():
        if engine.busy:
            return engine
    chosen = get_preferences()
    wanted = (chosen.engine or None, chosen.models or None, chosen.idle_minutes)
    if wanted not in _engines:
        close_engine()
        python, models, minutes = wanted
        _engines[wanted] = Engine(python, models=models, idle_seconds=60.0 * minutes)
    return _engines[wanted]


def close_engine() -> None:
    """Stop the engine process and all unfinished jobs."""
    while _engines:
        _engines.popitem()[1].close()
