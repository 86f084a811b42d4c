"""The table of benchmarks names every one of them, its result, and what `make bench` runs."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_is_true():
    folder = ROOT / "benchmarks"
    text = (folder / "README.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)\.py` \|.*\| (yes|by hand).* \|$", text, re.M))
    writing = {each.stem for each in folder.glob("*.py") if "def main" in each.read_text()}
    assert rows.keys() == writing
    makefile = (ROOT / "Makefile").read_text()
    run = set(re.search(r"^BENCHES := (.*)$", makefile, re.M).group(1).split())
    run |= {"engine", "cold_start", "networks", "table"}
    assert {name for name, how in rows.items() if how == "yes"} == run
    named = set(re.findall(r"`([\w-]+)\.json`", text))
    kept = {each.stem for each in (folder / "results").glob("*.json")}
    assert {re.sub("-(cpu|cuda|mps)$", "-DEVICE", name) for name in kept} <= named
