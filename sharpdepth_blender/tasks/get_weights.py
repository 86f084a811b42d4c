"""Get weights: into the library from the network or a folder, or out of it."""

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
    True: "Cancelled; what has been downloaded is kept.",
    False: "Cancelled; nothing was added.",
}


class WeightsTask(Task):
    """Weights on their way into the library; why they cannot be is the `error`.

    They are downloaded once the user has seen their size and license and agreed. `fraction` is of
    the step that the engine is at.

    Args:
        name: Of the weights.
        folder: To copy them from; None downloads them.
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
        """Ask for an early end; what has been downloaded is kept."""
        if not self.over:
            self._job.cancel()
            self.message = pgettext_rpt("Stopping")

    def _go_on(self):
        done = self._job.done  # before the events: none comes after the end
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
    """Weights that leave the library, at once.

    Args:
        name: Of the weights.
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
            self.outcome = pgettext_rpt("{name} is removed: {size} freed.").format(
                name=name, size=format_bytes(freed)
            )
            self._end()
        forget()
