"""How fast bytes come."""

from collections import deque

_WINDOW = 5.0  # seconds; shorter jumps about, longer is late to tell that a line has slowed down
_SHORTEST = 0.5  # seconds before which nothing can be said


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
