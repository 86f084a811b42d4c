"""A host that looks like Blender: the package under another name, beside a fake engine on disk."""

import importlib
import os
import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

PACKAGE = Path(__file__).parents[2] / "sharpdepth_blender"
NAME = "bl_ext_here.user_default.sharpdepth_blender.sharpdepth_blender"


@pytest.fixture(scope="session")
def extension(tmp_path_factory):
    """Folder of an installed extension whose engine is tests/process/fake_engine."""
    site = tmp_path_factory.mktemp("Künstler & Söhne 绘图")
    package = site.joinpath(*NAME.split("."))
    for room in ("process", "library"):
        shutil.copytree(PACKAGE / room, package / room)
    for module in ("__init__.py", "files.py", "folders.py"):
        shutil.copy(PACKAGE / module, package)
    shutil.copytree(Path(__file__).parent / "fake_engine", package / "engine")
    sys.path.insert(0, str(site))
    yield package.parent
    sys.path.remove(str(site))
    for name in [name for name in sys.modules if name.split(".")[0] == "bl_ext_here"]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def process(extension):
    """The process room's names, imported as Blender would."""
    client = importlib.import_module(f"{NAME}.process.client")
    worker = importlib.import_module(f"{NAME}.process.worker")
    return SimpleNamespace(
        Engine=client.Engine, JobError=client.JobError, client=client, worker=worker
    )


@pytest.fixture
def engine(process, tmp_path, monkeypatch):
    """An `Engine` on the fake engine, in this interpreter; leaves no process and no file."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with process.Engine(sys.executable, cancel_seconds=1.0) as engine:
        yield engine
        pid = engine.pid
    assert list(temporary.iterdir()) == []
    assert pid is None or _gone(pid)


@pytest.fixture
def gone():
    """Function that tells whether a process has gone."""
    return _gone


def _gone(pid, seconds=0.0):
    """Whether the process is gone within `seconds`, a zombie not counting as gone."""
    until = time.monotonic() + seconds
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(0.02)
