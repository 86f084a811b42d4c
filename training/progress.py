"""Progress of a stage: a console line, and a log.csv row for the report."""

import sys
import time
from pathlib import Path

from .log import Log


class Progress:
    """Prints step, smoothed values, pace and remaining time, on a single line in a terminal.

    With `log`, also appends the values of every step to that CSV file.
    """

    def __init__(self, name: str, first: int, steps: int, log: Path | None = None, every: int = 25):
        self.name, self.first, self.steps, self.every = name, first, steps, every
        self.log = log and Log(log, first)
        self.started = time.monotonic()
        self.smooth: dict[str, float] = {}

    def show(self, step: int, **values: float):
        """Report that `step` (0-based) is done."""
        if self.log:
            self.log.add(step + 1, **values)
        for name, value in values.items():
            before = self.smooth.get(name, value)
            self.smooth[name] = before + (value - before) * 0.05
        done, last = step + 1 - self.first, step + 1 == self.steps
        if done % self.every and not last:
            return
        pace = (time.monotonic() - self.started) / done
        shown = "  ".join(f"{name} {value:.3g}" for name, value in self.smooth.items())
        left = int(pace * (self.steps - step - 1))
        line = f"{self.name} {step + 1}/{self.steps}  {shown}  {pace:.2f} s/step  {left} s left"
        terminal = sys.stderr.isatty()
        end = "\n" if last or not terminal else ""
        print(f"\r{line}" if terminal else line, end=end, file=sys.stderr, flush=True)
