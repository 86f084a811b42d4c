"""Ahead: the engine works on the next thing while what it said of the last is kept."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..process.job import Job

# One thing that the engine is asked for, in short steps: None after each, and a job once it has
# been asked, whose result is the answer. Nothing follows that; it may also end without.
Work = Generator[Job | None, Any, None]
Wait = Callable[[Job], Iterator[tuple[float, str]]]


@dataclass(frozen=True)
class _Asked:
    index: int
    work: Work
    job: Job


def ask_ahead(works: Sequence[Work], wait: Wait) -> Iterator[tuple[int, float, str]]:
    """See works to their end, in order, of which each asks while the engine is at the one before.

    A fault ends all, but not before what was asked before it is kept. Where this ends early, jobs
    that nobody waits for any more are canceled.

    Args:
        works: What is to be done.
        wait: Steps until a job is done, yielding its fraction and what it says.

    Yields:
        (index of the first work that is not over, its fraction, what the engine says of it).
    """
    asked: deque[_Asked] = deque()
    try:
        for index, work in enumerate(works):
            job, fault = None, None
            try:
                while (job := next(work)) is None:
                    yield (asked[0].index if asked else index), 0.0, ""
            except StopIteration:
                pass
            except Exception as error:
                fault = error
            else:
                asked.append(_Asked(index, work, job))
            while asked and _is_due(asked, job, fault):
                yield from _finish(asked[0], wait)
                asked.popleft()
            if fault:
                raise fault
        while asked:
            yield from _finish(asked[0], wait)
            asked.popleft()
    finally:
        for each in asked:
            each.job.cancel()


def _is_due(asked: deque[_Asked], job: Job | None, fault: Exception | None) -> bool:
    """Whether the first one is to be finished now, as the engine has another or none follows."""
    return len(asked) > 1 or fault is not None or (job is None and asked[0].job.done)


def _finish(asked: _Asked, wait: Wait) -> Iterator[tuple[int, float, str]]:
    for fraction, message in wait(asked.job):
        yield asked.index, fraction, message
    with suppress(StopIteration):
        asked.work.send(asked.job.wait())
