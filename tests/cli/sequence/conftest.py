"""The command as a user runs it, on an installation whose engine is a fake of a few lines."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.scene.sequence.shots import make_shot

PACKAGE = Path(__file__).parents[3] / "sharpdepth_blender"


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """Folder of a copy of the package whose engine is the fake one."""
    site = tmp_path_factory.mktemp("site é")
    package = site / "sharpdepth_blender"
    package.mkdir()
    for each in PACKAGE.iterdir():
        if each.suffix == ".py":
            shutil.copy(each, package)
        elif each.name not in ("engine", "models", "__pycache__"):
            shutil.copytree(each, package / each.name)
    shutil.copytree(Path(__file__).parent / "fake_engine", package / "engine")
    return site


@pytest.fixture(scope="session")
def shot(tmp_path_factory):
    """A .blend with a moving camera, behind which 24 frames are."""
    return make_shot(tmp_path_factory.mktemp("shot"))


@pytest.fixture
def start(installed, tmp_path):
    """Start `sharpdepth sequence WORDS` as a process."""
    log = tmp_path / "log"
    log.touch()

    def start(*words, seconds=0.0):
        environ = {
            **os.environ,
            "SHARPDEPTH_ENGINE": sys.executable,
            "FAKE_LOG": str(log),
            "FAKE_SECONDS": str(seconds),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "sharpdepth_blender", "sequence", *map(str, words)],
            cwd=installed, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    start.log = log
    return start


@pytest.fixture
def run(start):
    """Run it to its end; tells code, report, what it said, and how often the engine was asked."""

    def run(*words):
        before = len(start.log.read_text().splitlines())
        process = start(*words, "--json")
        stdout, stderr = process.communicate(timeout=240)
        lines = stdout.splitlines()
        return SimpleNamespace(
            code=process.returncode,
            report=json.loads(lines[-1]) if lines else None,
            stdout=stdout,
            stderr=stderr,
            asked=len(start.log.read_text().splitlines()) - before,
        )

    return run
