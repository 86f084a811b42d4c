"""A newer version of the add-on is installed over one whose tasks go on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux tells of them")
def test_an_update_ends_all_tasks_and_the_new_one_works(tmp_path):
    pytest.importorskip("bpy")
    for name in ("sharpdepth_blender", "new"):
        shutil.copytree(
            REPOSITORY / "sharpdepth_blender", tmp_path / name,
            ignore=shutil.ignore_patterns("models", "__pycache__"),
        )  # fmt: skip
    shutil.copy(REPOSITORY / "vendor_install.py", tmp_path)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    script = Path(__file__).with_name("update.py")
    done = subprocess.run(
        [sys.executable, script, tmp_path], env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "updated four times" in done.stdout and "Traceback" not in done.stdout + done.stderr
    assert not list(temporary.iterdir())
