"""A script that leaves without another word: its process ends, in every Blender."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_script_that_made_a_result_ends():
    words = "from sharpdepth_blender.tasks import following; following.ensure_registered()"
    ended = subprocess.run([sys.executable, "-c", words], cwd=ROOT, timeout=60, check=False)
    assert ended.returncode == 0
