"""Task: what goes on in the background, in steps beside the user's own work."""

import time
import traceback
from collections.abc import Callable

from bpy.app.translations import pgettext_rpt

from ..process import JobError
from ..scene import SceneError
from .eta import TimeLeft

_TICK = 0.02  # seconds


class Task:
    """What goes on in the background, once; `step` it until it is `over`.

    Args:
        name: What it is about, such as a picture or weights.

    Attributes:
        kind: What it works on: `scene`, `engine`, `weights`, `layers` or `move`.
        name: What it is about.
        fraction: 0..1.
        message: What is being done, for a person.
        over: Whether there is nothing more to do.
        error: One sentence, where it came to nothing; None for a success and what was cancelled.
        outcome: What came of it, a sentence a line, where there is more to say than that it is
            over.
        level: `INFO`, or `WARNING` for an outcome that the user should look into.
        fault: The exception behind the error.
        log: For whoever looks into the error.
    """

    kind: str

    def __init__(self, name: str):
        self.name = name
        self.fraction, self.message = 0.0, "Waiting"
        self.over = False
        self.error: str | None = None
        self.outcome, self.level = "", "INFO"
        self.fault: Exception | None = None
        self.log = ""

    @property
    def waiting(self) -> bool:
        """Whether it waits for another process, so that another step may as well come later."""
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
            self._fail(error, str(error))
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

    def _go_on(self):
        raise NotImplementedError

    def _fail(self, error: Exception | None, sentence: str, log: str = ""):
        self.fault, self.error, self.log = error, sentence, log
        self._end()

    def _end(self):
        self.over = True


class SceneTask(Task):
    """What is on its way to a scene.

    Attributes:
        result: Session uid of the object that was made; None where there is none.
    """

    kind = "scene"

    def __init__(self, name: str):
        super().__init__(name)
        self.result: int | None = None
        self._time_left = TimeLeft()

    @property
    def seconds_left(self) -> float | None:
        """By the work that is done; None while nothing can be said."""
        return self._time_left.seconds

    def after_undo(self) -> None:
        """Take in that the user's scene may be another one."""

    def _tell(self, fraction):
        self.fraction = fraction
        self._time_left.update(fraction)
