"""Get weights: download, import and removal of weights."""

import time

from bpy.app.translations import pgettext_rpt

from ..library import Library, LibraryError
from ..process import JobError
from ..process.job import Job, Progress
from . import session
from .errors import NotReady
from .eta import Rate
from .formatting import format_bytes, format_seconds
from .names import find_weights
from .online import check_access
from .prefs import get_preferences
from .requirements import check_engine
from .status import forget
from .task import Task

_CANCELLED = {
    True: "Canceled; the partial download is kept.",
    False: "Canceled; nothing was added.",
}


class WeightsTask(Task):
    """Download or import of weights into the library; a failure is the `error`.

    Start a download only after the user has seen and accepted size and license. `fraction` is that
    of the current step of the engine.

    Args:
        name: Name of the weights.
        folder: Folder to copy them from; None downloads them.
    """

    kind = "weights"

    def __init__(self, name: str, folder: str | None = None):
        super().__init__(name)
        self._downloads = folder is None
        self._rate, self._stage = Rate(), ""
        try:
            find_weights(name)
            check_engine()
            if self._downloads:
                check_access()
        except (LibraryError, NotReady) as error:
            self._fail(error, str(error))
            return
        engine = session.get_engine()
        if self._downloads:
            self._job: Job = engine.get_weights(name)
        else:
            self._job = engine.add_weights(name, folder)
        self.message = pgettext_rpt("Waiting for the engine")

    def cancel(self) -> None:
        """Request cancellation; a partial download is kept."""
        if not self.over:
            self._job.cancel()
            self.message = pgettext_rpt("Stopping")

    def _go_on(self):
        done = self._job.done  # before the events, because none follow after the end
        for event in self._job.poll():
            self._show(event)
        if not done:
            return
        try:
            result = self._job.wait()
        except JobError as error:
            if error.kind != "cancelled":
                self._fail(error, str(error), error.log)
                return
            self.outcome = pgettext_rpt(_CANCELLED[self._downloads])
        else:
            said = pgettext_rpt("Installed {name} ({size}).").format(
                name=self.name, size=format_bytes(result.size)
            )
            self.outcome = " ".join([said, *result.notes])
        self._end()

    def _end(self):
        super()._end()
        forget()

    def _show(self, event: Progress):
        if event.message != self._stage:
            self._stage, self._rate = event.message, Rate()  # each step counts from 0 again
        self.fraction = event.fraction
        self.message = event.message
        if event.bytes_done is None:
            return
        words = [format_bytes(event.bytes_done)]
        rate = self._rate.update(time.monotonic(), event.bytes_done)
        if event.bytes_total:
            words = [
                pgettext_rpt("{done} of {total}").format(
                    done=words[0], total=format_bytes(event.bytes_total)
                )
            ]
        if rate:
            words.append(f"{format_bytes(rate)}/s")
            if event.bytes_total:
                left = (event.bytes_total - event.bytes_done) / rate
                words.append(pgettext_rpt("{time} left").format(time=format_seconds(left)))
        self.message = f"{event.message}: {', '.join(words)}"


class RemovalTask(Task):
    """Removal of weights from the library, in one step.

    Args:
        name: Name of the weights.
    """

    kind = "weights"

    def __init__(self, name: str):
        super().__init__(name)
        try:
            session.close_engine()  # Windows keeps files that are in use
            freed = Library(get_preferences().models or None).remove(find_weights(name))
        except LibraryError as error:
            self._fail(error, str(error))
        else:
            self.outcome = pgettext_rpt("Removed {name} ({size} freed).").format(
                name=name, size=format_bytes(freed)
            )
            self._end()
        forget()
