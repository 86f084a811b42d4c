"""The lock file holds what the requirements ask for, and tells no stranger where it came from."""

import re

import pytest

from sharpdepth_blender.process.install.inspection import pins
from sharpdepth_blender.process.install.packages import LOCK

TEXT = LOCK.read_text(encoding="utf-8")
ENTRIES = re.split(r"\n(?=[a-z])", TEXT.strip())


def test_every_pin_but_pytorch_is_locked_to_its_version():
    locked = dict(re.findall(r"^([\w-]+)==([\w.]+)", TEXT, re.MULTILINE))
    wanted = {name.replace("_", "-"): version for name, version in pins().items()}
    del wanted["torch"]
    assert {name: locked.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.split("==")[0])
def test_every_entry_has_hashes(entry):
    assert re.match(r"[\w-]+==[\w.]+( ; .+)? \\\n", entry)
    hashes = entry.split("\n")[1:]
    assert hashes and all(
        re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in hashes
    )


def test_what_comes_with_a_build_of_pytorch_is_left_to_it():
    assert not re.search(r"^(torch|triton|nvidia|cuda|pytorch)", TEXT, re.MULTILINE)


def test_no_index_is_named():
    assert "://" not in TEXT and "--index" not in TEXT
