"""Resumable log of per-picture metrics during an evaluation."""

import json
from pathlib import Path


class Measured:
    """A JSON Lines file: the subject of the evaluation, then one line per picture.

    A file with another `subject`, or without one, is started afresh.

    Attributes:
        pictures: (name, scene, {method: {measure: value}}) for each picture.
    """

    def __init__(self, path: Path, subject):
        self.path = path
        self.pictures: list[tuple[str, str, dict[str, dict[str, float]]]] = []
        if path.exists():
            first, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True) or [""]
            if first == json.dumps(subject) + "\n":
                # A last line without a newline was cut off when the run stopped.
                self.pictures = [tuple(json.loads(line)) for line in lines if line[-1] == "\n"]
        path.parent.mkdir(parents=True, exist_ok=True)
        entries = [subject, *self.pictures]
        path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")

    @property
    def count(self) -> int:
        """Number of pictures done."""
        return len(self.pictures)

    def add(self, name: str, scene: str, rows: dict[str, dict[str, float]]):
        """Append the metrics of one picture."""
        self.pictures.append((name, scene, rows))
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(self.pictures[-1]) + "\n")
