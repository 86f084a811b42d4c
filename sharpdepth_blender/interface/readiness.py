"""Readiness: whether what a picture needs is installed."""

import time

from bpy.app.translations import pgettext_rpt

from ..library import PRESETS, Preset, Shelf
from ..process.environment import EngineMissing, find_interpreter
from .errors import NotReady
from .preferences import get_preferences

_FRESH = 2.0  # seconds for which a panel, drawn again and again, does not look at the disk again
_seen: dict[str, tuple[float, str]] = {}


def check_ready(model: str) -> None:
    """Find out whether the engine and a model's weights are there.

    Args:
        model: Name of a preset.

    Raises:
        NotReady: With what to install.
    """
    chosen = get_preferences()
    try:
        find_interpreter(chosen.engine or None)
    except EngineMissing as error:
        raise NotReady(
            pgettext_rpt("The engine is not installed: install it in the add-on's preferences.")
        ) from error
    missing = missing_weights(PRESETS[model])
    if missing:
        raise NotReady(
            pgettext_rpt(
                "The model {model} lacks its weights {weights}: get them in the add-on's "
                "preferences."
            ).format(model=model, weights=" and ".join(missing))
        )


def missing_weights(preset: Preset) -> list[str]:
    """Names of those weights of a preset that are not on this computer."""
    shelf = Shelf(get_preferences().models or None)
    return [weights.name for weights in preset.weights if shelf.stock(weights) is None]


def what_is_missing(model: str) -> str:
    """For panels: what `check_ready` says, at most two seconds old; empty when all is there."""
    now = time.monotonic()
    asked, answer = _seen.get(model, (-_FRESH, ""))
    if now - asked >= _FRESH:
        try:
            check_ready(model)
            answer = ""
        except NotReady as error:
            answer = str(error)
        _seen[model] = now, answer
    return answer
