"""A whole installation, cut in the middle, finished, broken, found out and removed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "vendor_install.py"


def run(folder, *options):
    command = [sys.executable, SCRIPT, "--into", folder, *options]
    return subprocess.run(command, capture_output=True, encoding="utf-8")


@pytest.mark.slow
def test_a_life_of_an_environment(tmp_path):
    folder = tmp_path / "Künstler & Söhne" / "engine"
    command = [sys.executable, SCRIPT, "--into", folder]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    until = time.monotonic() + 300
    while not list(folder.glob("[lL]ib/**/torch/*")):
        assert first.poll() is None and time.monotonic() < until
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    answer = run(folder, "--check")
    assert answer.returncode == 1 and "half made" in answer.stderr

    answer = run(folder)
    assert answer.returncode == 0, answer.stderr
    assert "The engine is installed" in answer.stdout

    before = time.monotonic()
    assert run(folder).returncode == 0
    assert time.monotonic() - before < 2
    assert run(folder, "--check").returncode == 0

    shutil.rmtree(next(folder.glob("[lL]ib/**/torch/nn")))
    answer = run(folder, "--check")
    assert answer.returncode == 1 and "torch cannot be imported" in answer.stderr

    assert run(folder, "--remove").returncode == 0
    assert not folder.exists()
