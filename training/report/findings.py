"""What a run's folder holds for the report: tables, logs, and pictures to show."""

import csv
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..metrics import MEASURES

PUBLISHED = Path(__file__).with_name("published.toml")


@dataclass(frozen=True)
class Shown:
    """A picture with its true depth, NaN where unknown, and the depth maps of all methods [m]."""

    name: str
    rgb: np.ndarray
    truth: np.ndarray
    intrinsics: np.ndarray
    depths: dict[str, np.ndarray]


@dataclass(frozen=True)
class Findings:
    """All there is to report.

    Attributes:
        evaluations: What evaluation.json holds, by dataset.
        logs: Columns of each stage's log and of its validation, the first of them "step".
        shown: Paths of the pictures to show, by dataset.
        published: Published figures: {dataset: {measure: {method: value}}}, with their source.
    """

    evaluations: dict[str, dict]
    logs: dict[str, dict[str, list[float]]]
    shown: dict[str, list[Path]]
    published: dict


def gather(folder: Path) -> Findings:
    """Read what the stages left in a run's folder; parts that are missing are left out."""
    results = sorted(folder.glob("results/*/evaluation.json"))
    logs = sorted(folder.glob("*/log.csv"), key=lambda path: path.stat().st_mtime)
    logs = {
        f"{log.parent.name}{of}": columns
        for log in logs
        for path, of in ((log, ""), (log.with_name("validation.csv"), ", validation"))
        if (columns := _read_log(path))
    }
    return Findings(
        {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in results},
        logs,
        {path.parent.name: sorted((path.parent / "shown").glob("*.npz")) for path in results},
        tomllib.loads(PUBLISHED.read_text(encoding="utf-8")),
    )


def load_shown(path: Path) -> Shown:
    """Read a picture that `evaluate` kept."""
    with np.load(path) as kept:
        depths = {str(name): kept[f"depth_{i}"] for i, name in enumerate(kept["methods"])}
        return Shown(path.stem, kept["rgb"], kept["truth"], kept["intrinsics"], depths)


def best_methods(table: dict, methods: list[str]) -> dict[str, str | None]:
    """Tell which of some methods has the best mean of each measure."""
    best = {}
    for name, measure in MEASURES.items():
        means = {m: table[m][name]["mean"] for m in methods if table[m][name]["mean"] is not None}
        choose = min if measure.better == "lower" else max
        best[name] = choose(means, key=means.get) if means else None
    return best


def _read_log(path):
    if not path.exists():
        return None
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    if len(rows) < 2:
        return None
    columns = zip(*[map(float, row) for row in rows], strict=True)
    return {
        name: column
        for name, column in zip(header, columns, strict=True)
        if np.isfinite(column).all()  # without what could not be measured every time
    }
