"""Get weights: download, import and removal of weights."""

import time

from bpy.app.translations import pgettext_rpt

from ..library import Library, LibraryError, Weights
from ..process import JobError
from ..process.job import Job, Progress, WeightsResult
from . import session
from .errors import NotReady
from .eta import Rate
from .formatting import format_bytes, format_seconds
from .names import find_parts, find_weights
from .online import check_access
from .parts_progress import PartsProgress
from .prefs import get_preferences
from .requirements import check_engine
from .self_test import begin_self_test, untried, verdict
from .status import forget
from .task import Task

_CANCELLED = {
    True: "Canceled; the partial download is kept.",
    False: "Canceled; nothing was added.",
}
_CANCELLED_TEST = "The self-test was canceled."


class WeightsTask(Task):
    """Download or import of weights into the library; a failure is the `error`.

    Start a download only after the user has seen and accepted size and license. `fraction` is that
    of all downloads together, then of the self-test that follows them, or the import.

    Args:
        name: Name of the weights; of a preset for all that it lacks, to download them.
        folder: Folder to copy them from, or their published file; None downloads them.
        estimator: Name of another metric estimator than the preset's own; None for that.
    """

    kind = "weights"

    def __init__(self, name: str, folder: str | None = None, estimator: str | None = None):
        super().__init__(name)
        self._estimator = estimator
        self._downloads = folder is None
        self._rate, self._stage = Rate(), ""
        self._left: list[Weights] = []
        self._said: list[str] = []
        self._tests = False
        try:
            parts = find_parts(name, estimator) if self._downloads else [find_weights(name)]
            check_engine()
            if self._downloads:
                check_access()
        except (LibraryError, NotReady) as error:
            self._fail(error, str(error))
            return
        if self._downloads:
            self._left = missing_parts(name, estimator) or parts[:1]
            self._progress = PartsProgress([each.size for each in self._left])
            self._job: Job = session.get_engine().get_weights(self._left[0].name)
        else:
            self._job = session.get_engine().add_weights(name, folder)
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
            if self._tests:
                found = verdict(self._job, self.name, self._estimator)
                self._said.append(found.words)
                self.level = "INFO" if found.right else "WARNING"
            else:
                self._arrived(self._job.wait())
        except JobError as error:
            if error.kind != "cancelled":
                self._fail(error, str(error), error.log)
                return
            cancelled = _CANCELLED_TEST if self._tests else _CANCELLED[self._downloads]
            self.outcome = " ".join([*self._said, pgettext_rpt(cancelled)])
        else:
            if self._next_job():
                return
            self.outcome = " ".join(self._said)
        self._end()

    def _arrived(self, result: WeightsResult):
        said = pgettext_rpt("Installed {name} ({size}).").format(
            name=result.name, size=format_bytes(result.size)
        )
        self._said += [said, *result.notes]

    def _next_job(self) -> bool:
        """Begin what follows the job that is done, if anything does."""
        if self._tests:
            return False
        self._left = self._left[1:]
        if self._left:
            self._progress.next_part()
            self._job = session.get_engine().get_weights(self._left[0].name)
            return True
        job = begin_self_test(session.get_engine(), self.name, self._estimator)
        if job is None:
            self._said.append(untried(self.name))
            return False
        self._job, self._tests, self.fraction = job, True, 0.0
        return True

    def _end(self):
        super()._end()
        forget()

    def _show(self, event: Progress):
        if event.message != self._stage:
            self._stage, self._rate = event.message, Rate()  # each step counts from 0 again
        self.fraction = event.fraction
        self.message = event.message
        if self._tests:
            self.message = pgettext_rpt("Self-test: {step}").format(step=event.message)
        if event.bytes_done is None:
            return
        done, total = event.bytes_done, event.bytes_total
        if self._downloads:
            done, total = self._progress.follow(event)
            self.fraction = done / total
        words = [format_bytes(done)]
        rate = self._rate.update(time.monotonic(), done)
        if total:
            words = [
                pgettext_rpt("{done} of {total}").format(done=words[0], total=format_bytes(total))
            ]
        if rate:
            words.append(f"{format_bytes(rate)}/s")
            if total:
                left = (total - done) / rate
                words.append(pgettext_rpt("{time} left").format(time=format_seconds(left)))
        self.message = f"{event.message}: {', '.join(words)}"


def missing_parts(name: str, estimator: str | None = None) -> list[Weights]:
    """What a download of weights, or of all that a preset needs, would bring.

    Args:
        name: Of either.
        estimator: As of `WeightsTask`.
    """
    library = Library(get_preferences().models or None)
    return [each for each in find_parts(name, estimator) if not library.installed(each)]


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
