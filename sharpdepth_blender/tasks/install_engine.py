"""Install the engine: what the installer does for it, one job at a time."""

import time

from bpy.app.translations import pgettext_rpt

from ..process.installer import Installer
from . import session
from .errors import NotReady
from .online import check_access
from .prefs import get_preferences
from .status import find_environment, forget
from .task import Task

_DONE = {
    "install": "The engine is installed.",
    "check": "The engine works.",
    "repair": "The engine works.",
    "remove": "The engine is removed.",
}


class InstallTask(Task):
    """A job of the installer.

    Why it cannot begin is the `error`; `message` is the stage that the installer is at.

    Args:
        job: `install`, `check`, `repair` or `remove`.
        options: Of `Installer`.

    Attributes:
        lines: What the installer wrote last.
    """

    kind = "engine"

    def __init__(self, job: str, **options):
        super().__init__(job)
        self.message = ""
        self.lines: list[str] = []
        self._options, self._started = options, time.monotonic()
        try:
            self._rest = _plan(job)
        except NotReady as error:
            self._fail(error, str(error))
            return
        if job != "check":
            session.close_engine()  # Windows keeps files that are in use
        self._start_next()

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self._started

    def cancel(self) -> None:
        """End the installer and all that it runs."""
        if not self.over:
            self._installer.cancel()
            self.outcome = pgettext_rpt("Cancelled.")
            self._end()

    def _go_on(self):
        now = self._installer.poll()
        self.lines, self.message = now.lines, now.stage
        if now.running:
            return
        if now.code == 0:
            self.outcome = pgettext_rpt(_DONE[self.name])
            self._end()
        elif self._rest:  # what a check finds fault with is made anew
            self._start_next()
        else:
            self._fail(None, now.error)

    def _start_next(self):
        try:
            self._installer = Installer(self._rest.pop(0), **self._options)
        except OSError as error:
            self._fail(error, f"The installer cannot be started: {error.strerror}.")

    def _end(self):
        super()._end()
        forget()


def _plan(job: str) -> list[list[str]]:
    """The command lines of a job, each for when the one before it has failed.

    Raises:
        NotReady: The job cannot be done.
    """
    found = find_environment(get_preferences().engine)
    into = ["--into", str(found.place)]
    if job != "install" and found.state == "missing":
        raise NotReady(pgettext_rpt("The engine is not installed."))
    if job == "check":
        return [[*into, "--check"]]
    if found.state == "foreign":
        raise NotReady(
            pgettext_rpt(
                "{place} was not made by SharpDepth and stays as it is: clear the field Engine to "
                "use SharpDepth's own."
            ).format(place=found.place)
        )
    if job == "remove":
        return [[*into, "--remove"]]
    check_access()
    device = found.record.device if found.record else "auto"
    install = [*into, "--device", device]
    return [[*into, "--check"], install] if job == "repair" else [install]
