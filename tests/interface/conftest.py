"""The command line is run as a user runs it: in a process of its own, with a real engine."""

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from sharpdepth_blender.interface.commandline import main
from sharpdepth_blender.library import WEIGHTS, Hub, Release
from tests.library.loopback import Host, safetensors

REPOSITORY = Path(__file__).resolve().parents[2]
TINY = REPOSITORY / "tests" / "golden" / "tiny_sharpdepth"


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
def places(tmp_path, monkeypatch):
    """A library and a hub cache that are empty, for this process and those it starts."""
    monkeypatch.setenv("SHARPDEPTH_MODELS", str(tmp_path / "library"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "HF_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    return SimpleNamespace(library=tmp_path / "library", cache=tmp_path / "hf" / "hub")


@pytest.fixture
def hub(places, monkeypatch):
    """A loopback server with small files under the names of everything in the catalogue."""
    with Host() as host:
        for weights in WEIGHTS.values():
            if isinstance(weights.source, Hub):
                host.publish(weights.source.repository, small_files(weights))
            if isinstance(weights.source, Release):
                where = f"/{weights.source.repository}/releases/download/{weights.source.revision}"
                for part, data in zip(weights.source.parts, packed(TINY), strict=True):
                    host.files[f"{where}/{part}"] = data
        monkeypatch.setenv("HF_ENDPOINT", host.url)
        monkeypatch.setenv("SHARPDEPTH_RELEASES", host.url)
        yield host


@pytest.fixture
def models(capsys):
    """Run `sharpdepth models WORDS` in this process, and answer as `run` does."""

    def run_models(*words):
        code = main(["models", *map(str, words)])
        said = capsys.readouterr()
        report = json.loads(said.out.splitlines()[-1]) if "--json" in words else None
        return SimpleNamespace(code=code, report=report, stdout=said.out, stderr=said.err)

    return run_models


def small_files(weights):
    """Contents for the files of weights, by name."""
    return {
        name: safetensors(1, 3_000_000) if name.endswith(".safetensors") else b'{"a": 1}'
        for name in weights.files
    }


def packed(folder):
    """A folder as the three parts of a .tar.gz."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        archive.add(folder, "sharpdepth")
    data = whole.getvalue()
    third = len(data) // 3 + 1
    return [data[:third], data[third : 2 * third], data[2 * third :]]
