"""Provenance of a report: date, config, and the steps trained in each stage."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import date

from .report_data import Findings


@dataclass(frozen=True)
class Provenance:
    """Date of the report, name of the run, its config as TOML, and the steps of its stages."""

    day: str
    run: str
    config: str
    steps: dict[str, int]


def provenance(config, findings: Findings) -> Provenance:
    """Return the provenance of a run's report, without local paths."""
    logs = findings.logs | findings.variants
    return Provenance(
        date.today().isoformat(),
        _without_folders(str(config.folder)),
        "\n".join(_toml(asdict(config))).strip(),
        {
            stage: int(log["step"][-1])
            for stage, log in logs.items()
            if not stage.endswith(", validation")
        },
    )


def _toml(table, path=()):
    for key, value in table.items():
        if value is not None and not isinstance(value, dict):
            yield f"{key} = {json.dumps(_without_folders(value), ensure_ascii=False)}"
    for key, value in table.items():
        if isinstance(value, dict):
            yield f"\n[{'.'.join((*path, key))}]"
            yield from _toml(value, (*path, key))


def _without_folders(value):
    """Reduce a path to its last component, keeping the dataset kind before it, if any."""
    if isinstance(value, list):
        return [_without_folders(each) for each in value]
    if isinstance(value, str):
        return re.sub(r"(?:\b[A-Za-z]:)?[^:]*[\\/]", "", value.rstrip("\\/"))
    return value
