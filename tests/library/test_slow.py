"""Tests that are marked slow are run by somebody."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_make_runs_every_slow_test():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = re.findall(r"pytest -m slow (.*)", makefile)
    folders = [ROOT / folder for command in commands for folder in command.split()]
    marked = [
        path
        for path in (ROOT / "tests").rglob("test_*.py")
        if "pytest.mark.slow" in path.read_text(encoding="utf-8") and path != Path(__file__)
    ]
    assert len(marked) >= 5
    for path in marked:
        assert any(folder in path.parents for folder in folders), path
