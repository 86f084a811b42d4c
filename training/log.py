"""A stage's values step by step, in a CSV file for the report."""

import csv
from pathlib import Path


class Log:
    """Rows of steps and values, in a file that a resumed run goes on with.

    Rows that an interrupted run wrote beyond step `first`, where this one begins, are dropped.
    """

    def __init__(self, path: Path, first: int):
        self.path = path
        if path.exists():
            header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
            kept = [row for row in rows if int(row.split(",")[0]) <= first]
            path.write_text("".join([header, *kept]), encoding="utf-8")

    def add(self, steps: int, **values: float):
        """Append what was after so many steps."""
        fresh = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["step", *values], lineterminator="\n")
            if fresh:
                writer.writeheader()
            writer.writerow({"step": steps, **values})
