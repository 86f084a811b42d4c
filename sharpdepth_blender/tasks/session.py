"""Session: the engine shared by everything in this Blender."""

from contextlib import suppress

import bpy

from ..process import Engine
from ..process.environment import EngineMissing, find_interpreter
from .prefs import get_preferences
from .timer import keep_ticking

_engines: dict[tuple, Engine] = {}
_started: list[str] = []  # preferences of the engines that have been started ahead


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


def start_engine_soon() -> None:
    """Start the engine process after this redraw, once, so that the first picture finds it ready.

    Panels call this. It does nothing in the background or where the engine is not installed.
    """
    chosen = get_preferences().engine
    if not bpy.app.background and chosen not in _started:
        _started.append(chosen)
        keep_ticking(start_engine)


def start_engine() -> None:
    """Start the engine process, where it is installed."""
    with suppress(EngineMissing):
        find_interpreter(get_preferences().engine or None)
        get_engine().start()


def close_engine() -> None:
    """Stop the engine process and all unfinished jobs."""
    _started.clear()
    while _engines:
        _engines.popitem()[1].close()
