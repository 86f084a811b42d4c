"""Task: base classes of background work, done in short steps."""

import time
import traceback
from collections.abc import Callable

from bpy.app.translations import pgettext_rpt

from ..process import JobError
from ..scene import SceneError
from .eta import TimeLeft

_TICK = 0.02  # seconds


class Task:
    """One-time background work; call `step` until it is `over`.

    Args:
        name: Subject, such as a picture or weights.

    Attributes:
        kind: What it works on: `scene`, `engine`, `weights`, `layers`, `fill` or `move`.
        name: What it is about.
        fraction: 0..1.
        message: What is being done, for a person.
        over: Whether there is nothing more to do.
        error: One sentence, where it came to nothing; None for a success and what was cancelled.
        outcome: What came of it, a sentence a line, where there is more to say than that it is
            over.
        level: `INFO`, or `WARNING` for an outcome that the user should look into.
        fault: The exception behind the error.
        log: Details for debugging the error.
        undo: Name of the step that undoes what came of it; empty for none.
    """

    kind: str
    undo = ""

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
        """Whether it waits for another process, so that the next step can be delayed."""
        return True

    def step(self) -> None:
        """Do a short piece of work; a failure is stored in `error`."""
        try:
            self._go_on()
        except JobError as error:
            sentence = pgettext_rpt(str(error))
            if error.kind == "cancelled":  # not by `cancel`, after which there are no steps
                sentence = pgettext_rpt("The engine was closed while it worked on {name}.")
                sentence = sentence.format(name=self.name)
            self._fail(error, sentence, error.log)
        except SceneError as error:
            self._fail(error, str(error))
        except Exception as error:  # a bug of ours, which must not block the panel forever
            traceback.print_exc()
            sentence = pgettext_rpt("SharpDepth failed: {error}.").format(error=repr(error))
            self._fail(error, sentence, traceback.format_exc())

    def run(self, show: Callable[[float, str], None] = lambda fraction, message: None) -> None:
        """Step until it is over, for use without a window.

        Args:
            show: Called with the fraction and the message after each step.
        """
        while not self.over:
            self.step()
            show(self.fraction, self.message)
            if self.waiting:
                time.sleep(_TICK)

    def cancel(self) -> None:
        """Stop; no steps follow."""
        self._end()

    def _go_on(self):
        raise NotImplementedError

    def _fail(self, error: Exception | None, sentence: str, log: str = ""):
        self.fault, self.error, self.log = error, sentence, log
        self._end()

    def _end(self):
        self.over = True


class SceneTask(Task):
    """Work that creates an object in a scene.

    Attributes:
        result: Session uid of the created object; None if there is none.
    """

    kind = "scene"
    undo = "Generate Depth Mesh"

    def __init__(self, name: str):
        super().__init__(name)
        self.result: int | None = None
        self._time_left = TimeLeft()

    @property
    def seconds_left(self) -> float | None:
        """Estimated remaining seconds; None while unknown."""
        return self._time_left.seconds

    def after_undo(self) -> None:
        """Handle an undo, after which the scene may have changed."""

    def _tell(self, fraction):
        self.fraction = fraction
        self._time_left.update(fraction)
