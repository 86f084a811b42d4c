"""The measures of the pictures that an evaluation has done, kept as it goes on."""

import json
from pathlib import Path


class Measured:
    """A file of JSON lines: what was evaluated, then one line a picture.

    A file that another `subject` was evaluated for, or that has none, is begun anew.

    Attributes:
        pictures: (name, scene, {method: {measure: value}}) of each picture.
    """

    def __init__(self, path: Path, subject):
        self.path = path
        self.pictures: list[tuple[str, str, dict[str, dict[str, float]]]] = []
        if path.exists():
            first, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True) or [""]
            if first == json.dumps(subject) + "\n":
                # A last line without its end was being written when the run stopped.
                self.pictures = [tuple(json.loads(line)) for line in lines if line[-1] == "\n"]
        path.parent.mkdir(parents=True, exist_ok=True)
        entries = [subject, *self.pictures]
        path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")

    @property
    def count(self) -> int:
        """How many pictures are done."""
        return len(self.pictures)

    def add(self, name: str, scene: str, rows: dict[str, dict[str, float]]):
        """Keep the measures of one more picture."""
        self.pictures.append((name, scene, rows))
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(self.pictures[-1]) + "\n")
