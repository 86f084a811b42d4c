"""Install the engine: jobs of the installer, one at a time."""

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

    If it cannot start, `error` says why; `message` is the current stage of the installer.

    Args:
        job: `install`, `check`, `repair` or `remove`.
        options: Options of `Installer`.

    Attributes:
        lines: Last lines of output of the installer.
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
        """Elapsed time."""
        return time.monotonic() - self._started

    def cancel(self) -> None:
        """Stop the installer and its subprocesses."""
        if not self.over:
            self._installer.cancel()
            self.outcome = pgettext_rpt("Canceled.")
            self._end()

    def _go_on(self):
        now = self._installer.poll()
        self.lines, self.message = now.lines, now.stage
        if now.running:
            return
        if now.code == 0:
            self.outcome = pgettext_rpt(_DONE[self.name])
            self._end()
        elif self._rest:  # a failed check is followed by a reinstallation
            self._start_next()
        else:
            self._fail(None, now.error)

    def _start_next(self):
        try:
            self._installer = Installer(self._rest.pop(0), **self._options)
        except OSError as error:
            self._fail(error, f"Cannot start the installer: {error.strerror}.")

    def _end(self):
        super()._end()
        forget()


def _plan(job: str) -> list[list[str]]:
    """Return the command lines of a job; each runs if the one before it failed.

    Raises:
        NotReady: The job is not possible.
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
                "{place} was not created by SharpDepth and is not changed: clear the Engine field "
                "to use SharpDepth's own."
            ).format(place=found.place)
        )
    if job == "remove":
        return [[*into, "--remove"]]
    check_access()
    device = found.record.device if found.record else "auto"
    install = [*into, "--device", device]
    return [[*into, "--check"], install] if job == "repair" else [install]
