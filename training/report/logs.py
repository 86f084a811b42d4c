"""Reader for the stages' CSV logs, which may be truncated by a kill."""

import csv
from math import isfinite, nan
from pathlib import Path

Columns = dict[str, list[float | None]]  # the first is "step"; None = not finite


def read_logs(folder: Path, pattern: str) -> dict[str, Columns]:
    """Read log.csv and validation.csv of the stages in `folder` that match a pattern.

    Returns:
        Columns by stage, in training order. Stages are named like "metric", "metric, validation"
        or, for a variant, "distill, no-gate".
    """
    logs = sorted(folder.glob(f"{pattern}/log.csv"), key=lambda path: path.stat().st_mtime)
    return {
        f"{_stage(log.parent.relative_to(folder))}{of}": columns
        for log in logs
        for path, of in ((log, ""), (log.with_name("validation.csv"), ", validation"))
        if path.exists() and (columns := _columns(path))
    }


def measured_steps(log: Columns, column: str) -> tuple[list[float], list[float]]:
    """Return the steps at which a column is finite, and its values there."""
    both = zip(log["step"], log[column], strict=True)
    kept = [(step, value) for step, value in both if value is not None]
    return [step for step, _ in kept], [value for _, value in kept]


def _stage(path):
    if path.parts[0] == "variants":
        _, variant, stage = path.parts
        return f"{stage}, {variant}"
    return path.name


def _columns(path):
    """Return the columns with at least two finite values; empty if there are none."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]  # the last line may be truncated
    header, *rows = csv.reader(whole) if whole else [[]]
    rows = [[_number(cell) for cell in row] for row in rows if row and len(row) == len(header)]
    rows = [row for row in rows if row[0] is not None]
    columns = dict(zip(header, map(list, zip(*rows, strict=True)), strict=False))
    kept = {
        name: column
        for name, column in columns.items()
        if sum(value is not None for value in column) >= 2
    }
    return kept if len(kept) > 1 else {}


def _number(cell):
    try:
        value = float(cell)
    except ValueError:
        value = nan
    return value if isfinite(value) else None
