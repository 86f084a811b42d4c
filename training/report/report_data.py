"""Report data from a run folder: tables, logs and sample pictures."""

import csv
import json
import tomllib
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from ..metrics import MEASURES
from .logs import Columns, read_logs

PUBLISHED = Path(__file__).with_name("published.toml")


@dataclass(frozen=True)
class Findings:
    """All data for the report.

    Attributes:
        evaluations: Content of evaluation.json, by dataset.
        pictures: Metrics per picture: {dataset: {picture: {method: {measure: value}}}}.
        shown: Paths of the sample pictures, by dataset.
        logs: Columns of each stage's training and validation log.
        variants: The same for the variants of the sharpener.
        published: Published values, {dataset: {measure: {method: value}}}, with their source.
    """

    evaluations: dict[str, dict]
    pictures: dict[str, dict[str, dict[str, dict[str, float]]]]
    shown: dict[str, list[Path]]
    logs: dict[str, Columns]
    variants: dict[str, Columns]
    published: dict


def gather(folder: Path) -> Findings:
    """Read the data that the stages left in a run folder, skipping missing parts."""
    results = [path.parent for path in sorted(folder.glob("results/*/evaluation.json"))]
    return Findings(
        {
            each.name: json.loads((each / "evaluation.json").read_text(encoding="utf-8"))
            for each in results
        },
        {each.name: _read_pictures(each / "pictures.csv") for each in results},
        {each.name: sorted((each / "shown").glob("*.npz")) for each in results},
        read_logs(folder, "*"),
        read_logs(folder, "variants/*/distill"),
        tomllib.loads(PUBLISHED.read_text(encoding="utf-8")),
    )


def _read_pictures(path):
    """Read the metrics of each picture, by the name under which it is shown."""
    pictures = {}
    if path.exists():
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                values = {name: float(row[name]) for name in MEASURES if row.get(name)}
                picture = pictures.setdefault(row["name"].replace("/", "-"), {})
                picture[row["method"]] = {n: v for n, v in values.items() if isfinite(v)}
    return pictures
