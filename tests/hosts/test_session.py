"""A session in a real window, as `stories/session.py` tells it."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
STORY = REPOSITORY / "tests" / "hosts" / "stories" / "session.py"


@pytest.fixture(scope="module")
def plate():
    """A plate of the project's own, enlarged to 1920 x 1080."""
    path = REPOSITORY / "build" / "hosts" / "plate.png"
    if not path.exists():
        script = """if True:
            import sys, bpy
            from pathlib import Path
            from training.scenes.demo import render_demo
            path = Path(sys.argv[1])
            render_demo(path.with_stem("small"), 960, 540)
            image = bpy.data.images.load(str(path.with_stem("small")))
            image.scale(1920, 1080)
            image.filepath_raw, image.file_format = str(path), "PNG"
            image.save()"""
        subprocess.run([sys.executable, "-c", script, path], cwd=REPOSITORY, check=True)
    return path


@pytest.fixture(scope="module")
def notes(installed, plate):
    folder = REPOSITORY / "build" / "hosts" / installed.suite / "session"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    finished = installed.run(
        "blender", "--enable-event-simulate", "--window-geometry", "0", "0", "1600", "1000",
        "--python", STORY, "--", folder, plate, gui=True, timeout=280,
    )  # fmt: skip
    said = finished.stdout + finished.stderr
    assert (folder / "notes.json").exists(), said
    told = json.loads((folder / "notes.json").read_text())
    assert "traceback" not in told, told["traceback"]
    return told


def test_a_whole_session(installed, notes):
    assert notes["problem"] == ""
    assert notes["picture"] == [1920, 1080]


def test_undo_removes_the_whole_result_in_one_step(notes):
    assert notes["after undo"] and notes["after redo"]


def test_escape_cancels_and_a_right_click_does_not(notes):
    assert notes["running after a right click"] == 3
    assert notes["running after ESC"] == 2
    assert notes["running after more"] == 0
    assert notes["after cancel"] and notes["problem after cancel"] == ""


def test_faults_are_told_and_the_button_works_again(notes):
    assert "orthographic" in notes["refusal"]
    unchanged, sentence = notes["after a killed child"]
    assert unchanged and sentence.endswith(".")
    assert notes["and the next one"] == [True, ""]


def test_the_child_ends_with_the_file_and_with_blender(notes):
    pid, alive = notes["child after another file"]
    assert pid and not alive
    until = time.monotonic() + 10
    while Path(f"/proc/{notes['child at the end']}").exists():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_the_main_thread_stays_free(installed, notes, record_property):
    """Timings are told, not asserted: this host draws in software on two shared cores."""
    for name in (
        "longest gap, idle",
        "longest gap, working",
        "longest step, working",
        "seconds of the handover",
        "seconds in the operator",
    ):
        print(f"{installed.suite}: {name}: {1000 * notes[name]:.0f} ms")
        record_property(name, notes[name])
    assert notes["longest step, working"] > 0


def test_screenshots(installed, notes):
    """`docs/pictures.py` takes them into the documents."""
    folder = REPOSITORY / "build" / "hosts" / installed.suite / "session"
    shown = ("panel", "progress", "result", "beside", "preferences")
    assert all((folder / f"{name}.png").stat().st_size > 10_000 for name in shown)
