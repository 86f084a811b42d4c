"""Session: the one engine that everything in this Blender shares."""

from ..process import Engine
from .prefs import get_preferences

_engines: dict[tuple, Engine] = {}


def get_engine() -> Engine:
    """The engine that the preferences describe, or the one that is still busy for older ones."""
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
    """End the engine's process and every job that is not done."""
    while _engines:
        _engines.popitem()[1].close()
