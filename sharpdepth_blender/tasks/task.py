"""Task: what the engine computes for a scene, in steps beside the user's own work."""

import time
import traceback
from collections.abc import Callable

from bpy.app.translations import pgettext_rpt

from ..process import JobError
from ..scene import SceneError
from .eta import TimeLeft

_TICK = 0.02  # seconds


class Task:
    """What is on its way to a scene; `step` it until it is `over`.

    Args:
        name: Of the picture or the source.

    Attributes:
        name: Likewise.
        fraction: 0..1.
        message: What is being done, for a person.
        over: Whether there is nothing more to do.
        error: One sentence, where it came to nothing; None for a success and what was cancelled.
        fault: The exception behind it.
        log: For whoever looks into the error.
        result: Session uid of the object that was made; None where there is none.
    """

    def __init__(self, name: str):
        self.name = name
        self.fraction, self.message = 0.0, "Waiting"
        self.over = False
        self.error: str | None = None
        self.fault: Exception | None = None
        self.log = ""
        self.result: int | None = None
        self._time_left = TimeLeft()

    @property
    def seconds_left(self) -> float | None:
        """By the work that is done; None while nothing can be said."""
        return self._time_left.seconds

    @property
    def waiting(self) -> bool:
        """Whether it waits for the engine, so that another step may as well come later."""
        return True

    def step(self) -> None:
        """Go on for a moment; what goes wrong is in `error` from then on."""
        try:
            self._go_on()
        except JobError as error:
            sentence = pgettext_rpt(str(error))
            if error.kind == "cancelled":  # and not by `cancel`, after which there are no steps
                sentence = pgettext_rpt("The engine was closed while it worked on {name}.")
                sentence = sentence.format(name=self.name)
            self._fail(error, sentence, error.log)
        except SceneError as error:
            self._fail(error, str(error), "")
        except Exception as error:  # a fault of ours, which must not stay on the panel for ever
            traceback.print_exc()
            sentence = pgettext_rpt("SharpDepth failed: {error}.").format(error=repr(error))
            self._fail(error, sentence, traceback.format_exc())

    def run(self, show: Callable[[float, str], None] = lambda fraction, message: None) -> None:
        """Step until it is over, as there is no window.

        Args:
            show: Called with the fraction and the message after each step.
        """
        while not self.over:
            self.step()
            show(self.fraction, self.message)
            if self.waiting:
                time.sleep(_TICK)

    def cancel(self) -> None:
        """Stop here; there are no steps after it."""
        self._end()

    def after_undo(self) -> None:
        """Take in that the user's scene may be another one."""

    def _go_on(self):
        raise NotImplementedError

    def _tell(self, fraction):
        self.fraction = fraction
        self._time_left.update(fraction)

    def _fail(self, error, sentence, log):
        self.fault, self.error, self.log = error, sentence, log
        self._end()

    def _end(self):
        self.over = True
