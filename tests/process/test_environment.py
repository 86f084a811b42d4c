"""Places and variables of the engine's environment, by value for every platform."""

import sys
from pathlib import Path

import pytest

from sharpdepth_blender.process import Engine, JobError
from sharpdepth_blender.process.environment import (
    EngineMissing,
    child_environ,
    default_folder,
    find_interpreter,
    interpreter_in,
    spawn_options,
)

HOME = Path("/home/Zoë")


@pytest.mark.parametrize(
    "platform, environ, folder",
    [
        ("linux", {}, HOME / ".local/share/sharpdepth/engine"),
        ("linux", {"XDG_DATA_HOME": "/data"}, Path("/data/sharpdepth/engine")),
        ("linux", {"XDG_DATA_HOME": "relative"}, HOME / ".local/share/sharpdepth/engine"),
        ("darwin", {}, HOME / "Library/Application Support/SharpDepth/engine"),
        ("win32", {"LOCALAPPDATA": "/C/Local"}, Path("/C/Local/SharpDepth/engine")),
        ("win32", {}, HOME / "AppData/Local/SharpDepth/engine"),
    ],
)
def test_default_folder(platform, environ, folder):
    assert default_folder(platform, environ, HOME) == folder


def test_interpreter_in():
    assert interpreter_in(HOME, "win32") == HOME / "Scripts" / "python.exe"
    assert interpreter_in(HOME, "linux") == interpreter_in(HOME, "darwin") == HOME / "bin/python"


def test_the_interpreter_chosen_comes_before_the_variable_before_the_default(tmp_path, monkeypatch):
    def environment(name):
        python = interpreter_in(tmp_path / name)
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
        return tmp_path / name, python

    monkeypatch.delenv("SHARPDEPTH_ENGINE", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.raises(EngineMissing, match="vendor_install.py"):
        find_interpreter()
    _, default = environment("sharpdepth/engine")
    assert find_interpreter() == default
    folder, python = environment("named")
    monkeypatch.setenv("SHARPDEPTH_ENGINE", str(folder))
    assert find_interpreter() == python  # the link itself, not what it leads to
    monkeypatch.setenv("SHARPDEPTH_ENGINE", str(python))
    assert find_interpreter() == python
    _, chosen = environment("chosen")
    assert find_interpreter(chosen) == chosen
    monkeypatch.chdir(tmp_path)
    assert find_interpreter("chosen") == chosen
    chosen.unlink()
    chosen.symlink_to(tmp_path / "a Python that was uninstalled")
    with pytest.raises(EngineMissing):
        find_interpreter("chosen")


def test_child_environ():
    host = {"PATH": "p", "PYTHONHOME": "b", "PythonPath": "c", "VIRTUAL_ENV": "d", "Ω": "e"}
    assert child_environ(host) == {"PATH": "p", "Ω": "e"}


def test_a_window_is_asked_away_only_where_windows_are_opened(monkeypatch):
    assert spawn_options()["creationflags"] == 0
    monkeypatch.setattr("subprocess.CREATE_NO_WINDOW", 0x08000000, raising=False)
    assert spawn_options()["creationflags"] == 0x08000000


def test_the_room_s_names():
    from sharpdepth_blender.process import client, errors

    assert Engine is client.Engine and JobError is errors.JobError
