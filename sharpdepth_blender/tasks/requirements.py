"""Requirements: checks that engine and weights are installed."""

from bpy.app.translations import pgettext_rpt

from ..library import Library
from ..process.environment import EngineMissing, find_interpreter
from . import queue
from .errors import NotReady
from .prefs import get_preferences
from .status import recent


def check_ready(settings) -> None:
    """Check that the engine and the weights for the settings are installed.

    Args:
        settings: SHARPDEPTH_PG_settings.

    Raises:
        NotReady: With what to install.
    """
    chosen = get_preferences()
    if queue.is_busy("engine"):
        raise NotReady(
            pgettext_rpt("The engine is being installed: wait until the installer is done.")
        )
    try:
        find_interpreter(chosen.engine or None)
    except EngineMissing as error:
        raise NotReady(
            pgettext_rpt("The engine is not installed: install it in the add-on's preferences.")
        ) from error
    library = Library(chosen.models or None)
    missing = [weights.name for weights in settings.weights if library.installed(weights) is None]
    if missing:
        raise NotReady(
            pgettext_rpt(
                "The model {model} needs the weights {weights}: download them in the add-on's "
                "preferences."
            ).format(model=settings.model, weights=", ".join(missing))
        )


def missing_requirement(settings) -> str:
    """For panels: the message of `check_ready`, cached for two seconds; empty if ready."""

    def look():
        try:
            check_ready(settings)
        except NotReady as error:
            return str(error)
        return ""

    return recent(("requirement", settings.model, settings.estimator), look)


def check_engine() -> None:
    """Raise if the engine is not installed.

    Raises:
        NotReady: With instructions.
    """
    try:
        find_interpreter(get_preferences().engine or None)
    except EngineMissing as error:
        raise NotReady(
            pgettext_rpt("Install the engine first: it downloads and checks the weights.")
        ) from error
