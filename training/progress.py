"""How far a stage is: a line for who waits, and a row of log.csv for the report."""

import csv
import sys
import time
from pathlib import Path


class Progress:
    """Prints step, smoothed values, pace and remaining time; on a terminal it stays one line.

    With a `log`, every step's values are appended to that CSV file as well. A run that resumes at
    step `first` drops the rows that an interrupted one wrote beyond it.
    """

    def __init__(self, name: str, first: int, steps: int, log: Path | None = None, every: int = 25):
        self.name, self.first, self.steps, self.every = name, first, steps, every
        self.log = log
        self.started = time.monotonic()
        self.smooth: dict[str, float] = {}
        if log is not None:
            _keep_rows(log, first)

    def show(self, step: int, **values: float):
        """Report that `step`, counted from 0, is done."""
        if self.log is not None:
            _append_row(self.log, {"step": step + 1, **values})
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


def _keep_rows(log: Path, steps: int):
    """Keep the header and the rows of the first `steps` steps."""
    if not log.exists():
        return
    header, *rows = log.read_text().splitlines(keepends=True)
    log.write_text(header + "".join(row for row in rows if int(row.split(",")[0]) <= steps))


def _append_row(log: Path, row: dict[str, float]):
    fresh = not log.exists()
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "a", newline="") as file:
        writer = csv.DictWriter(file, row, lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerow(row)
