"""How long work will go on, by how far it has come."""

import time

_SOONEST = 0.05  # of the work, before which nothing can be said


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
