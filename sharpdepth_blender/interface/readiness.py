"""Readiness: whether what a picture needs is installed."""

import time

from bpy.app.translations import pgettext_rpt

from ..library import Shelf
from ..process.environment import EngineMissing, find_interpreter
from .errors import NotReady
from .preferences import get_preferences
from .preferences.upkeep import engine_upkeep
from .settings import SHARPDEPTH_PG_settings

_FRESH = 2.0  # seconds for which a panel, drawn again and again, does not look at the disk again
_seen: dict[tuple[str, str], tuple[float, str]] = {}


def check_ready(settings: SHARPDEPTH_PG_settings) -> None:
    """Find out whether the engine and the weights that settings ask for are there.

    Raises:
        NotReady: With what to install.
    """
    chosen = get_preferences()
    if engine_upkeep.running:
        raise NotReady(pgettext_rpt("The installer is at work on the engine: wait until it ends."))
    try:
        find_interpreter(chosen.engine or None)
    except EngineMissing as error:
        raise NotReady(
            pgettext_rpt("The engine is not installed: install it in the add-on's preferences.")
        ) from error
    shelf = Shelf(chosen.models or None)
    missing = [weights.name for weights in settings.weights if shelf.stock(weights) is None]
    if missing:
        raise NotReady(
            pgettext_rpt(
                "The model {model} lacks its weights {weights}: get them in the add-on's "
                "preferences."
            ).format(model=settings.model, weights=", ".join(missing))
        )


def what_is_missing(settings: SHARPDEPTH_PG_settings) -> str:
    """For panels: what `check_ready` says, at most two seconds old; empty when all is there."""
    now = time.monotonic()
    asked_for = settings.model, settings.estimator
    asked, answer = _seen.get(asked_for, (-_FRESH, ""))
    if now - asked >= _FRESH:
        try:
            check_ready(settings)
            answer = ""
        except NotReady as error:
            answer = str(error)
        _seen[asked_for] = now, answer
    return answer
