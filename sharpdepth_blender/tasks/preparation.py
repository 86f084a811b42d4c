"""Preparation: what is made of an answer of the engine before Blender takes it, in numpy alone."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from ..geometry import Intrinsics
from ..process.job import DepthResult
from ..scene.stored_depth import StoredDepth


@dataclass(frozen=True)
class Prepared:
    """What takes longer than a step, made of what the engine answered.

    Attributes:
        result: With the sky behind everything else, where the model found one.
        intrinsics: Of the maps.
        stored: The maps, as Blender is to store them.
        doubts: Sentences for the user.
        sky: Meters at which the sky begins; 0 if there is none.
    """

    result: DepthResult
    intrinsics: Intrinsics
    stored: StoredDepth
    doubts: list[str]
    sky: float


class Preparation:
    """Work in numpy alone, in another thread where it is `slow`; ask `done`, then `answer`."""

    def __init__(self, work: Callable[[], Prepared], slow: bool):
        self._work = work
        self._made: Prepared | None = None
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="SharpDepth depth", daemon=True)
        self._thread.start() if slow else self._run()

    @property
    def done(self) -> bool:
        """Whether there is an answer, or a fault."""
        return not self._thread.is_alive()

    def answer(self) -> Prepared:
        """What was made, or the exception that was raised."""
        if self._fault is not None:
            raise self._fault
        assert self._made is not None
        return self._made

    def _run(self) -> None:
        try:
            self._made = self._work()
        except BaseException as fault:  # for the thread that asks
            self._fault = fault
