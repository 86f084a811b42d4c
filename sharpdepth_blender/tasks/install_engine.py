"""Install the engine: what the installer does for it, one job at a time."""

import time

from bpy.app.translations import pgettext_rpt

from ..process.installer import Installer
from . import session
from .errors import NotReady
from .online import check_access
from .prefs import get_preferences
from .status import find_environment, forget

_DONE = {
    "install": "The engine is installed.",
    "check": "The engine works.",
    "repair": "The engine works.",
    "remove": "The engine is removed.",
}


class InstallTask:
    """A task of the installer; `step` it until it is no longer `running`.

    Attributes:
        task: `install`, `check`, `repair` or `remove`; empty before the first.
        error: Why the last one came to nothing, as one sentence.
        outcome: What became of it, when all is well.
        lines: What the installer wrote last.
        stage: What it is at.
    """

    def __init__(self):
        self.reset()

    def reset(self) -> None:
        """Forget what the last one came to."""
        self.task = ""
        self.error = ""
        self.outcome = ""
        self.lines: list[str] = []
        self.stage = ""
        self._installer: Installer | None = None
        self._rest: list[list[str]] = []
        self._started = 0.0
        self._options: dict = {}

    @property
    def running(self) -> bool:
        """Whether the installer is at work."""
        return self._installer is not None

    @property
    def seconds(self) -> float:
        """How long the task has been going on."""
        return time.monotonic() - self._started

    def start(self, task: str, **options) -> None:
        """Begin a task; why it cannot begin is the `error`.

        Args:
            task: `install`, `check`, `repair` or `remove`.
            options: Of `Installer`.
        """
        if self.running:
            return
        self.reset()
        self.task, self._started, self._options = task, time.monotonic(), options
        try:
            self._rest = _plan(task)
            if task != "check":
                session.close_engine()  # Windows keeps files that are in use
            self._installer = Installer(self._rest.pop(0), **options)
        except NotReady as error:
            self.error = str(error)
        except OSError as error:
            self._end(f"The installer cannot be started: {error.strerror}.")

    def step(self) -> bool:
        """Take in what the installer has said; whether there is more to come."""
        if not self.running:
            return False
        now = self._installer.poll()
        self.lines, self.stage = now.lines, now.stage
        if now.running:
            return True
        # What a check finds fault with is what the installation that follows makes anew.
        if self._rest and now.code != 0:
            try:
                self._installer = Installer(self._rest.pop(0), **self._options)
                return True
            except OSError as error:
                self._end(f"The installer cannot be started: {error.strerror}.")
                return False
        self._end("" if now.code == 0 else now.error)
        return False

    def cancel(self) -> None:
        """End the installer and all that it runs."""
        if self.running:
            self._installer.cancel()
            self._end("")
            self.outcome = pgettext_rpt("Cancelled.")

    def _end(self, error: str) -> None:
        self._installer, self._rest = None, []
        self.error = error
        self.outcome = "" if error else pgettext_rpt(_DONE[self.task])
        forget()


def _plan(task: str) -> list[list[str]]:
    """The command lines of a task, each for when the one before it has failed.

    Raises:
        NotReady: The task cannot be done.
    """
    found = find_environment(get_preferences().engine)
    into = ["--into", str(found.place)]
    if task != "install" and found.state == "missing":
        raise NotReady(pgettext_rpt("The engine is not installed."))
    if task == "check":
        return [[*into, "--check"]]
    if found.state == "foreign":
        raise NotReady(
            pgettext_rpt(
                "{place} was not made by SharpDepth and stays as it is: clear the field Engine to "
                "use SharpDepth's own."
            ).format(place=found.place)
        )
    if task == "remove":
        return [[*into, "--remove"]]
    check_access()
    device = found.record.device if found.record else "auto"
    install = [*into, "--device", device]
    return [[*into, "--check"], install] if task == "repair" else [install]


install_task = InstallTask()
