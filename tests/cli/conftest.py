"""The command line is run as a user runs it: in a process of its own, with a real engine."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from sharpdepth_blender.cli.main import main
from tests.library.served import hub, places  # noqa: F401  (fixtures)

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """A folder with a small picture of every kind; Pillow is the engine's, so it draws them."""
    folder = tmp_path_factory.mktemp("pictures")
    script = Path(__file__).parent / "draw_pictures.py"
    python = Path(os.environ["SHARPDEPTH_ENGINE"]) / "bin" / "python"
    subprocess.run([python, script, folder], check=True, cwd=REPOSITORY)
    return folder


@pytest.fixture
def run(tmp_path):
    """Run `sharpdepth WORDS` and answer with exit code, report, and what it said."""

    def run_command(*words, environ=None):
        finished = subprocess.run(
            [sys.executable, "-m", "sharpdepth_blender", *map(str, words)],
            cwd=REPOSITORY, env={**os.environ, **(environ or {})},
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        lines = finished.stdout.splitlines()
        report = json.loads(lines[-1]) if "--json" in words and lines else None
        return SimpleNamespace(
            code=finished.returncode,
            report=report,
            stdout=finished.stdout,
            stderr=finished.stderr,
        )

    return run_command


@pytest.fixture
def untested(monkeypatch):
    """Leave out the self-test of what was installed, as what the loopback has are no networks."""
    monkeypatch.setattr("sharpdepth_blender.cli.models._tried", lambda *given: given[-2:])


@pytest.fixture
def models(capsys, untested):
    """Run `sharpdepth models WORDS` in this process, and answer as `run` does."""

    def run_models(*words):
        code = main(["models", *map(str, words)])
        said = capsys.readouterr()
        report = json.loads(said.out.splitlines()[-1]) if "--json" in words else None
        return SimpleNamespace(code=code, report=report, stdout=said.out, stderr=said.err)

    return run_models
