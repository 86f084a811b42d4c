"""Offline is offline: neither Blender's process nor the engine's tries to reach anything.

Every process is watched by an audit hook, which sees what C code of Python does, too, and cannot be
removed. `tests/engine/test_offline.py` does the same to the engine alone.
"""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sharpdepth_blender.geometry import png_content

REPOSITORY = Path(__file__).resolve().parents[2]
WATCH = """
import os, sys

ATTEMPTS = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
            "socket.sendmsg", "socket.bind", "urllib.Request"}


def note(name, text):
    with open(os.path.join(os.environ["WATCHED"], name), "a") as file:
        file.write(f"{text}\\n")


def watch(event, arguments):
    if event in ATTEMPTS:
        note("attempts", f"{event} {arguments} in {sys.argv}")


sys.addaudithook(watch)
note("processes", os.getpid())
"""
# The child hears of no variable that is Python's, so what is watched is told its interpreter.
ENGINE = """#!{python} -I
import os, sys

words = sys.argv[1:]
place = words.index("-c") + 1
words[place] = {watch!r} + words[place]
os.execv({engine!r}, [{engine!r}, *words])
"""
CONNECT = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
# What a user does who installs the add-on, looks at it, and generates once from a picture.
ADDON = """
import sys
from types import SimpleNamespace

import bpy

import sharpdepth_blender
from sharpdepth_blender.tasks import session
from sharpdepth_blender.tasks.prefs import ADDON
from tests.ui.recorded_layout import Layout


class Context:
    region = SimpleNamespace(width=300)
    preferences = SimpleNamespace(system=SimpleNamespace(ui_scale=1.0))

    def __getattr__(self, name):
        return getattr(bpy.context, name)


def look():
    drawn = 0
    for name in dir(bpy.types):
        panel = getattr(bpy.types, name)
        if name.startswith("SHARPDEPTH_PT_") and getattr(panel, "poll", lambda _: True)(Context()):
            panel.draw(SimpleNamespace(layout=Layout()), Context())
            drawn += 1
    assert drawn > 8
    preferences = addon.preferences

    class Shown:
        layout = Layout()

        def __getattr__(self, name):
            return getattr(preferences, name)

    type(preferences).draw(Shown(), Context())
    assert "Engine" in Shown.layout.text


bpy.context.preferences.system.use_online_access = True  # nothing but itself keeps it from asking
sharpdepth_blender.register()
addon = bpy.context.preferences.addons.new()
addon.module = ADDON
look()
session.start_engine()  # as the panel's first draw does where there is a window
sharpdepth_blender.generate(sys.argv[1])
look()
sharpdepth_blender.unregister()
"""


@pytest.fixture
def watched(tmp_path):
    """Run words in Blender's Python, and answer with what each process tried to reach."""
    site, notes = tmp_path / "site", tmp_path / "notes"
    for folder in (site, notes):
        folder.mkdir()
    (site / "sitecustomize.py").write_text(WATCH)
    engine = tmp_path / "engine"
    real = str(Path(os.environ["SHARPDEPTH_ENGINE"]) / "bin" / "python")
    engine.write_text(ENGINE.format(python=sys.executable, watch=WATCH, engine=real))
    engine.chmod(0o755)
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(site), str(REPOSITORY)]),
        "SHARPDEPTH_ENGINE": str(engine),
        "WATCHED": str(notes),
    }

    def run(*words, program=sys.executable):
        finished = subprocess.run(
            [str(program), *map(str, words)], cwd=tmp_path, env=environ, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert finished.returncode == 0, finished.stdout + finished.stderr
        said = {path.name: path.read_text().splitlines() for path in notes.iterdir()}
        return SimpleNamespace(processes=len(said["processes"]), attempts=said.get("attempts", []))

    run.engine = engine
    return run


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "plate.png"
    rng = np.random.default_rng(0)
    path.write_bytes(b"".join(png_content(rng.integers(0, 256, (48, 64, 3), dtype=np.uint8))))
    return path


@pytest.mark.parametrize("program", ["Blender", "the engine"])
def test_an_attempt_is_seen(watched, program):
    """Else that nothing is seen says nothing."""
    if program == "the engine":
        found = watched("-I", "-c", CONNECT, program=watched.engine)
    else:
        found = watched("-c", CONNECT)
    assert found.processes == 1 and len(found.attempts) == 1, found
    assert "socket.connect" in found.attempts[0] and "'127.0.0.1', 9" in found.attempts[0]


def test_the_command_line_reaches_nothing(watched, picture, tmp_path):
    found = watched("-m", "sharpdepth_blender", picture, "-o", tmp_path / "plate.blend")
    assert (tmp_path / "plate.blend").is_file()
    assert found.processes == 2 and found.attempts == []  # Blender's and the engine's


@pytest.mark.parametrize("words", ["models", "models --json", "--help"])
def test_looking_at_what_there_is_reaches_nothing(watched, words):
    found = watched("-m", "sharpdepth_blender", *words.split())
    assert found.processes >= 1 and found.attempts == []


def test_the_add_on_reaches_nothing(watched, picture):
    found = watched("-c", ADDON, picture)
    assert found.processes == 2 and found.attempts == []
