"""Move watch: whether what the report of a check tells is still so."""

import bpy

from ..scene.move import changed_since, forget_paint
from . import layer_update
from .handlers import add_handlers, remove_handlers
from .timer import redraw, stop_ticking, tick_in_a_window

_PERIOD = 1.5  # seconds
_changed: list[str] = []


def look() -> None:
    """Find what has changed since the check; a panel draws what was found then."""
    now = changed_since()
    if now != _changed:
        _changed[:] = now
        redraw()


def changed() -> tuple[str, ...]:
    """Names of what has changed since the check, as of `scene.move.move_state`."""
    return tuple(_changed)


def register() -> None:
    """Look again and again."""
    add_handlers(_HANDLERS)
    tick_in_a_window(_tick, _PERIOD)


def unregister() -> None:
    """Look no more."""
    remove_handlers(_HANDLERS)
    stop_ticking(_tick)
    _forget()


def _tick():
    if not layer_update.is_painting():
        look()
    return _PERIOD


@bpy.app.handlers.persistent
def _forget(*_):
    _changed.clear()
    forget_paint()


_HANDLERS = (("load_pre", _forget),)
