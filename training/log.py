"""CSV log of a stage's values per step, for the report."""

import csv
from pathlib import Path

from sharpdepth_blender.files import atomic_write


class Log:
    """A CSV file of values per step that a resumed run appends to.

    On opening, rows beyond `first`, the step at which this run resumes, and a half-written last row
    are dropped.
    """

    def __init__(self, path: Path, first: int):
        self.path = path
        if path.exists():
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
            header = [line for line in lines[:1] if line.endswith("\n")]
            rows = [row for row in lines[1:] if _is_up_to(first, row)]
            with atomic_write(path) as beside:
                beside.write_text("".join(header + rows), "utf-8")

    def add(self, steps: int, **values: float):
        """Append the values after `steps` steps."""
        fresh = not self.path.exists() or not self.path.stat().st_size
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["step", *values], lineterminator="\n")
            if fresh:
                writer.writeheader()
            writer.writerow({"step": steps, **values})


def _is_up_to(last, row):
    """Whether a row is complete and its step is at most `last`."""
    step = row.partition(",")[0]
    return row.endswith("\n") and step.isdecimal() and int(step) <= last
