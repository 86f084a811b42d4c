"""Where a report comes from, without the folders of a machine."""

import tomllib
from datetime import date
from pathlib import Path

from training.config import load_config
from training.report.provenance import provenance
from training.report.report_data import Findings

CONFIG = Path(__file__).parents[3] / "training" / "configs" / "preview.toml"
LOGS = {"metric": {"step": [1, 200]}, "metric, validation": {"step": [1, 100]}}


def test_a_report_tells_its_day_its_config_and_its_steps():
    settings = [
        "folder=/home/someone/runs/third",
        r"evaluate.datasets=['kitti:/data/kitti eigen/', 'nyu:D:\\sets\\nyu', 'sintel:here']",
        "distill.pictures=/photos/all",
    ]
    config = load_config(CONFIG, settings)
    variants = {"distill, no-gate": {"step": [1, 20]}}
    told = provenance(config, Findings({}, {}, {}, LOGS, variants, {}))
    assert (told.run, told.day) == ("third", date.today().isoformat())
    assert told.steps == {"metric": 200, "distill, no-gate": 20}
    again = tomllib.loads(told.config)
    whole = tomllib.loads(CONFIG.read_text())
    whole["folder"], whole["distill"]["pictures"] = "third", "all"
    whole["evaluate"]["datasets"] = ["kitti:kitti eigen", "nyu:nyu", "sintel:here"]
    for name, wanted in whole.items():  # settings that the file leaves out are told as well
        found = again[name]
        assert found == wanted or {key: found[key] for key in wanted} == wanted, name
