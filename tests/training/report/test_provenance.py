"""Where a report comes from, without the folders of a machine."""

import tomllib
from datetime import date

from training.config import load_config
from training.report.findings import Findings
from training.report.provenance import provenance

CONFIG = """
folder = "/home/someone/runs/third"
seed = 3
[evaluate]
datasets = ["kitti:/data/kitti eigen/", "nyu:D:\\\\sets\\\\nyu", "sintel:here"]
[distill]
rate = 2.5e-5
gated = true
pictures = "/photos/all"
[variants.no-gate]
gated = false
"""
LOGS = {"metric": {"step": [1, 200]}, "metric, validation": {"step": [1, 100]}}


def test_a_report_tells_its_day_its_config_and_its_steps(tmp_path):
    (tmp_path / "run.toml").write_text(CONFIG)
    config = load_config(tmp_path / "run.toml")
    variants = {"distill, no-gate": {"step": [1, 20]}}
    told = provenance(config, Findings({}, {}, {}, LOGS, variants, {}))
    assert (told.run, told.day) == ("third", date.today().isoformat())
    assert told.steps == {"metric": 200, "distill, no-gate": 20}
    again = tomllib.loads(told.config)
    assert again == {
        "folder": "third",
        "seed": 3,
        "evaluate": {"datasets": ["kitti:kitti eigen", "nyu:nyu", "sintel:here"]},
        "distill": {"rate": 2.5e-5, "gated": True, "pictures": "all"},
        "variants": {"no-gate": {"gated": False}},
    }
