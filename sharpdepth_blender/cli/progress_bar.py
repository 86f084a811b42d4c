"""Progress bar: one line at a terminal."""

import shutil
import time
from typing import TextIO

from ..tasks.eta import Rate
from ..tasks.formatting import format_bytes, format_seconds


class ProgressBar:
    """A progress bar on one terminal line; does nothing if the stream is not a terminal.

    Args:
        stream: Stream to draw on, usually `sys.stderr`: stdout is for the result.
    """

    _CELLS = 20

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._shown = stream.isatty()
        self._started: float | None = None
        self._step = ""
        self._rate = Rate()

    def show(self, fraction: float, message: str) -> None:
        """Draw `fraction` (0..1) of the bar, the seconds since the first call, and a message."""
        now = time.monotonic()
        if self._started is None:
            self._started = now
        seconds = now - self._started
        self._draw(fraction, f"{seconds:5.1f} s  {message}")

    def show_bytes(self, done: int, total: int | None, message: str) -> None:
        """Draw bytes done, rate, remaining time, and a message.

        Args:
            done: Bytes done.
            total: Total bytes; None if unknown.
            message: Current activity; a new one restarts the rate measurement.
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
        """Clear the line."""
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
