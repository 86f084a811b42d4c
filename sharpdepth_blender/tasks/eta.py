"""ETA: transfer rate and remaining time."""

import time
from collections import deque

_WINDOW = 5.0  # seconds; a shorter one fluctuates, a longer one reacts slowly
_SHORTEST = 0.5  # minimum seconds for an estimate
_SOONEST = 0.05  # minimum fraction done for an estimate


class Rate:
    """Bytes per second over the last few seconds."""

    def __init__(self):
        self._samples: deque[tuple[float, int]] = deque()

    def update(self, now: float, count: int) -> float | None:
        """Return the rate; None while it is unknown.

        Args:
            now: Seconds of a monotonic clock.
            count: Bytes so far.
        """
        self._samples.append((now, count))
        while now - self._samples[0][0] > _WINDOW and len(self._samples) > 2:
            self._samples.popleft()
        began, before = self._samples[0]
        if now - began < _SHORTEST or count <= before:
            return None
        return (count - before) / (now - began)


class TimeLeft:
    """Remaining seconds of work whose progress is reported occasionally."""

    def __init__(self):
        self._started: float | None = None
        self._ends: float | None = None

    def update(self, fraction: float) -> None:
        """Report the fraction done, 0..1; 0 restarts the estimate."""
        now = time.monotonic()
        if fraction == 0 or self._started is None:
            self._started, self._ends = now, None
        elif fraction >= _SOONEST:
            self._ends = self._started + (now - self._started) / fraction

    @property
    def seconds(self) -> float | None:
        """Return the remaining seconds, counting down between reports; None while unknown."""
        return None if self._ends is None else max(0.0, self._ends - time.monotonic())
