"""Get weights: into the library from the network or a folder, or out of it."""

import time

from bpy.app.translations import pgettext_rpt

from ..library import LibraryError, Shelf
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

_CANCELLED = {
    True: "Cancelled; what has been downloaded is kept.",
    False: "Cancelled; nothing was added.",
}


class WeightsTask:
    """A job of the library; `step` it until it is no longer `running`.

    Attributes:
        name: Of the weights; empty before the first.
        error: Why the last one came to nothing, as one sentence.
        outcome: What became of it, when all is well.
        fraction: 0..1 of the step that the job is at.
        message: How far it has come, for a person.
    """

    def __init__(self):
        self.reset()

    def reset(self) -> None:
        """Forget what the last one came to."""
        self.name = ""
        self.error = ""
        self.outcome = ""
        self.fraction = 0.0
        self.message = ""
        self._job: Job | None = None
        self._downloads = False
        self._rate = Rate()
        self._stage = ""

    @property
    def running(self) -> bool:
        """Whether a job is not done."""
        return self._job is not None

    def get(self, name: str) -> None:
        """Download weights, once the user has seen their size and licence and agreed."""
        self._begin(name, lambda engine: engine.get_weights(name), downloads=True)

    def add(self, name: str, folder: str) -> None:
        """Copy weights from a folder."""
        self._begin(name, lambda engine: engine.add_weights(name, folder), downloads=False)

    def remove(self, name: str) -> None:
        """Remove weights; at once."""
        if self.running:
            return
        self.reset()
        self.name = name
        try:
            session.close_engine()  # Windows keeps files that are in use
            freed = Shelf(get_preferences().models or None).remove(find_weights(name))
        except LibraryError as error:
            self.error = str(error)
        else:
            self.outcome = pgettext_rpt("{name} is removed: {size} freed.").format(
                name=name, size=format_bytes(freed)
            )
        forget()

    def step(self) -> bool:
        """Take in what the engine has said; whether there is more to come."""
        if not self.running:
            return False
        done = self._job.done  # before the events: none comes after the end
        for event in self._job.poll():
            self._show(event)
        if not done:
            return True
        job, self._job = self._job, None
        try:
            result = job.wait()
        except JobError as error:
            self._fail(error)
        else:
            said = pgettext_rpt("{name} is here: {size}.").format(
                name=self.name, size=format_bytes(result.size)
            )
            self.outcome = " ".join([said, *result.notes])
        forget()
        return False

    def cancel(self) -> None:
        """Ask for an early end; what has been downloaded is kept."""
        if self.running:
            self._job.cancel()
            self.message = pgettext_rpt("Stopping")

    def _begin(self, name, ask, downloads):
        if self.running:
            return
        self.reset()
        self.name, self._downloads = name, downloads
        try:
            find_weights(name)
            check_engine()
            if downloads:
                check_access()
            self._job = ask(session.get_engine())
            self.message = pgettext_rpt("Waiting for the engine")
        except (LibraryError, NotReady) as error:
            self.error = str(error)

    def _fail(self, error: JobError):
        if error.kind == "cancelled":
            self.outcome = pgettext_rpt(_CANCELLED[self._downloads])
            return
        self.error = str(error)
        if error.log:
            print(error.log)

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


weights_task = WeightsTask()
