"""A progress bar for people at a terminal."""

import shutil
import time
from typing import TextIO


class ProgressBar:
    """One line of a terminal that is drawn over again, and nothing at all elsewhere.

    Args:
        stream: where to draw, usually `sys.stderr`: stdout belongs to the result.
    """

    _CELLS = 24

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._shown = stream.isatty()
        self._started = time.monotonic()

    def show(self, fraction: float, message: str) -> None:
        """Draw `fraction` (0..1) of the bar, the seconds so far, and what is being done."""
        if not self._shown:
            return
        filled = round(self._CELLS * min(max(fraction, 0.0), 1.0))
        bar = "█" * filled + "░" * (self._CELLS - filled)
        seconds = time.monotonic() - self._started
        line = f"{bar} {fraction:4.0%} {seconds:5.1f} s  {message}"
        width = shutil.get_terminal_size().columns - 1
        self._write(line[:width])

    def clear(self) -> None:
        """Leave the line empty for what is printed next."""
        if self._shown:
            self._write("")

    def _write(self, line: str) -> None:
        self._stream.write(f"\r\x1b[K{line}")
        self._stream.flush()
