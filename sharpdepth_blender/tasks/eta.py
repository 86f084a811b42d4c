"""ETA: how fast bytes come, and how long work will go on."""

import time
from collections import deque

_WINDOW = 5.0  # seconds; shorter jumps about, longer is late to tell that a line has slowed down
_SHORTEST = 0.5  # seconds before which nothing can be said
_SOONEST = 0.05  # of the work, before which nothing can be said


class Rate:
    """Bytes a second over the last few seconds."""

    def __init__(self):
        self._samples: deque[tuple[float, int]] = deque()

    def update(self, now: float, count: int) -> float | None:
        """The rate, None as long as it cannot be told.

        Args:
            now: Seconds of a clock that only goes forward.
            count: Bytes up to now.
        """
        self._samples.append((now, count))
        while now - self._samples[0][0] > _WINDOW and len(self._samples) > 2:
            self._samples.popleft()
        began, before = self._samples[0]
        if now - began < _SHORTEST or count <= before:
            return None
        return (count - before) / (now - began)


class TimeLeft:
    """Seconds that are left of work whose fraction is reported now and then."""

    def __init__(self):
        self._started: float | None = None
        self._ends: float | None = None

    def update(self, fraction: float) -> None:
        """Take in how much of the work is done, 0..1; 0 starts it anew."""
        now = time.monotonic()
        if fraction == 0 or self._started is None:
            self._started, self._ends = now, None
        elif fraction >= _SOONEST:
            self._ends = self._started + (now - self._started) / fraction

    @property
    def seconds(self) -> float | None:
        """Seconds from now on, counting down between reports; None while nothing can be said."""
        return None if self._ends is None else max(0.0, self._ends - time.monotonic())
