"""Parts progress: one bar over several downloads, which never falls."""

from collections.abc import Sequence

from ..process.job import Progress


class PartsProgress:
    """Bytes done of all parts together.

    What is done after a part has arrived, such as checking it, counts its bytes again, and leaves
    the bar where it is.

    Args:
        sizes: About the bytes of each part, until its source tells them exactly.
    """

    def __init__(self, sizes: Sequence[int]):
        self._sizes = list(sizes)
        self._part = 0
        self._reached = 0

    def follow(self, event: Progress) -> tuple[int, int]:
        """Return the bytes done and those there are, after a message about the current part."""
        if event.bytes_done is not None and event.bytes_total:
            self._sizes[self._part] = max(event.bytes_total, self._reached)
            self._reached = max(self._reached, event.bytes_done)
        return self.done, self.total

    def next_part(self) -> None:
        """Go on to the next part."""
        self._part, self._reached = self._part + 1, 0

    @property
    def done(self) -> int:
        """Bytes done of all parts."""
        return sum(self._sizes[: self._part]) + self._reached

    @property
    def total(self) -> int:
        """Bytes of all parts."""
        return sum(self._sizes)
