"""Results of an evaluation: JSON and CSV tables, and sample pictures for the report."""

import csv
import json
from math import isnan
from pathlib import Path

import numpy as np

from .baselines import ALIGNED, METRIC, SHARPENER
from .datasets import Sample
from .metrics import MEASURES, bootstrap_interval

Summary = dict[str, dict[str, float | None]]  # per metric: mean, low and high of the 95% interval


def write_results(folder: Path, pictures, seed: int) -> dict[str, Summary]:
    """Write evaluation.json, table.csv and pictures.csv; return the table.

    Args:
        folder: Output folder.
        pictures: As in `Measured.pictures`.
        seed: Seed for the bootstrap.
    """
    methods = list(dict.fromkeys(method for _, _, rows in pictures for method in rows))
    table = {
        method: _summary([(s, r.get(method)) for _, s, r in pictures], seed) for method in methods
    }
    differences = {
        f"{SHARPENER} - {other}": _summary(
            [(scene, _minus(rows[SHARPENER], rows[other])) for _, scene, rows in pictures], seed
        )
        for other in (METRIC, ALIGNED)
    }
    report = {
        "dataset": folder.name,
        "frames": len(pictures),
        "scenes": len({scene for _, scene, _ in pictures}),
        "seed": seed,
        "table": table,
        "differences": differences,
    }
    (folder / "evaluation.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    _write_csv(
        folder / "table.csv",
        [
            {"method": method, "measure": name, **values}
            for method, summary in table.items()
            for name, values in summary.items()
        ],
    )
    _write_csv(
        folder / "pictures.csv",
        [
            {"name": name, "scene": scene, "method": method, **row}
            for name, scene, rows in pictures
            for method, row in rows.items()
        ],
    )
    return table


def save_shown(folder: Path, sample: Sample, maps: dict[str, np.ndarray]):
    """Save a picture with its true depth (NaN where invalid) and all depth maps."""
    folder.mkdir(parents=True, exist_ok=True)
    depths = {f"depth_{i}": depth.astype(np.float32) for i, depth in enumerate(maps.values())}
    np.savez_compressed(
        folder / f"{sample.name.replace('/', '-')}.npz",
        rgb=sample.rgb,
        truth=np.where(sample.valid, sample.depth, np.nan).astype(np.float32),
        intrinsics=np.array(sample.intrinsics or (np.nan,) * 4),
        methods=np.array(list(maps)),
        **depths,
    )


def print_table(table: dict[str, Summary]):
    """Print the most informative metrics."""
    shown = ("abs_rel", "delta1", "dbe_accuracy", "dbe_completeness", "boundary_f1")
    print(f"{'':32}" + "".join(f"{MEASURES[name].title:>18}" for name in shown))
    for method, summary in table.items():
        means = (summary[name]["mean"] for name in shown)
        values = ("-" if mean is None else f"{mean:.3f}" for mean in means)
        print(f"{method:32}" + "".join(f"{value:>18}" for value in values))


def _summary(rows, seed) -> Summary:
    """Mean and bootstrap interval of every metric, from (scene, metrics or None) pairs."""
    rows = [(scene, row) for scene, row in rows if row is not None]
    scenes, summary = [scene for scene, _ in rows], {}
    for name in MEASURES:
        values = np.array([row[name] for _, row in rows])
        measured = values[~np.isnan(values)]
        mean = float(measured.mean()) if len(measured) else np.nan
        low, high = bootstrap_interval(values, scenes, seed)
        summary[name] = {"mean": _or_none(mean), "low": _or_none(low), "high": _or_none(high)}
    return summary


def _minus(row, other):
    return {name: row[name] - other[name] for name in row}


def _or_none(value):
    return None if isnan(value) else value


def _write_csv(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
