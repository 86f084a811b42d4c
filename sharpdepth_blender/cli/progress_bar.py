"""Progress bar: one line at a terminal."""

import shutil
import time
from typing import TextIO

from ..tasks.eta import Rate
from ..tasks.formatting import format_bytes, format_seconds


class ProgressBar:
    """One line of a terminal that is drawn over again, and nothing at all elsewhere.

    Args:
        stream: where to draw, usually `sys.stderr`: stdout belongs to the result.
    """

    _CELLS = 20

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._shown = stream.isatty()
        self._started: float | None = None
        self._step = ""
        self._rate = Rate()

    def show(self, fraction: float, message: str) -> None:
        """Draw `fraction` (0..1) of the bar, the seconds since the first call, and a sentence."""
        now = time.monotonic()
        if self._started is None:
            self._started = now
        seconds = now - self._started
        self._draw(fraction, f"{seconds:5.1f} s  {message}")

    def show_bytes(self, done: int, total: int | None, message: str) -> None:
        """Draw how many bytes are done, how fast that goes, how long it takes, and what it is.

        Args:
            done: Bytes.
            total: That there are; None when that is not known.
            message: What is being done; another one starts the measurement of the rate anew.
        """
        if message != self._step:
            self._step, self._rate = message, Rate()
        rate = self._rate.update(time.monotonic(), done)
        words = []
        if done or total:
            words.append(format_bytes(done) + (f" of {format_bytes(total)}" if total else ""))
        if rate:
            words.append(f"{format_bytes(rate)}/s")
            if total:
                words.append(f"{format_seconds((total - done) / rate)} left")
        self._draw(done / total if total else 0.0, "  ".join([*words, message]))

    def clear(self) -> None:
        """Leave the line empty for what is printed next."""
        self._write("")

    def _draw(self, fraction: float, words: str) -> None:
        filled = round(self._CELLS * min(max(fraction, 0.0), 1.0))
        bar = "█" * filled + "░" * (self._CELLS - filled)
        line = f"{bar} {fraction:4.0%} {words}"
        self._write(line[: shutil.get_terminal_size().columns - 1])

    def _write(self, line: str) -> None:
        if self._shown:
            self._stream.write(f"\r\x1b[K{line}")
            self._stream.flush()
