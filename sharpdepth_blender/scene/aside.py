"""Aside: work in another thread, which asks nothing of Blender, while the main one goes on."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar, cast

_Answer = TypeVar("_Answer")


class Aside(Generic[_Answer]):
    """Work in numpy alone, in another thread where it is `slow`; ask `done`, then `answer`."""

    def __init__(self, work: Callable[[], _Answer], slow: bool = True) -> None:
        self._work = work
        self._made: _Answer | None = None
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="SharpDepth aside", daemon=True)
        self._thread.start() if slow else self._run()

    @property
    def done(self) -> bool:
        """Whether there is an answer, or a fault."""
        return not self._thread.is_alive()

    def answer(self) -> _Answer:
        """What was made, or the exception that was raised; waits for it."""
        if self._thread.ident is not None:
            self._thread.join()
        if self._fault is not None:
            raise self._fault
        return cast(_Answer, self._made)

    def _run(self) -> None:
        try:
            self._made = self._work()
        except BaseException as fault:  # for the thread that asks
            self._fault = fault
