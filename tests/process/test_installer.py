"""The installer, run beside the caller; scripts stand in for it."""

import os
import sys
import time
from pathlib import Path

import pytest

from sharpdepth_blender.process.installer import SCRIPT, Installer


@pytest.fixture
def run(tmp_path):
    """Start the installer with a script's text, to be cancelled at the end."""
    started = []

    def start(text, *words):
        script = tmp_path / "Künstler 绘图" / "vendor_install.py"
        script.parent.mkdir(exist_ok=True)
        script.write_text(text, encoding="utf-8")
        started.append(Installer(words, python=sys.executable, script=script))
        return started[-1]

    yield start
    for each in started:
        each.cancel()


def wait(installer, seconds=20.0):
    until = time.monotonic() + seconds
    while (now := installer.poll()).running:
        assert time.monotonic() < until, now.lines
        time.sleep(0.02)
    return now


def test_the_script_is_beside_the_package():
    assert SCRIPT.is_file() and (SCRIPT.parent / "sharpdepth_blender").is_dir()


def test_lines_of_both_streams_come_in_order_and_the_stage_is_the_installers_own(run):
    now = wait(
        run(
            "import sys\n"
            "print('Making it 绘图', flush=True)\n"
            "print('  Downloading torch', flush=True)\n"
            "print('note: slow', file=sys.stderr)\n"
            "print(' ', *sys.argv[1:])\n",
            "--into",
            "a b",
        )
    )
    assert now.code == 0
    assert now.lines == ["Making it 绘图", "  Downloading torch", "note: slow", "  --into a b"]
    assert now.stage == "note: slow"


def test_the_error_is_the_last_word_with_its_command_and_without_the_log(run):
    failing = (
        "import sys\nprint('Making it')\nprint('  error: 404')\n"
        "sys.exit('The disk is full. Mend it with:\\n  python -m pip\\nThe log is /x/install.log')"
    )
    now = wait(run(failing))
    assert now.code == 1
    assert now.error == "The disk is full. Mend it with: python -m pip"


def test_one_that_fails_without_a_word_is_told_by_its_exit_code(run):
    assert wait(run("raise SystemExit(7)")).error == "The installer failed with exit code 7."


def test_a_python_that_is_not_there_cannot_be_started(tmp_path):
    with pytest.raises(OSError):
        Installer([], python=str(tmp_path / "python"))


def test_only_the_last_lines_are_kept(run):
    lines = wait(run("for n in range(5000): print(n)")).lines
    assert lines[-1] == "4999" and len(lines) < 1000


@pytest.mark.skipif(os.name == "nt", reason="asks for processes as POSIX does")
def test_cancel_ends_the_whole_tree(run, gone):
    installer = run(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(100)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(100)\n"
    )
    until = time.monotonic() + 20
    while not installer.poll().lines:
        assert time.monotonic() < until
        time.sleep(0.02)
    grandchild = int(installer.poll().lines[0])
    began = time.monotonic()
    installer.cancel()
    assert time.monotonic() - began < 5
    assert not installer.poll().running and installer.poll().code != 0
    assert gone(grandchild, seconds=5)
    installer.cancel()  # again does nothing


def test_the_real_installer_says_that_there_is_nothing_to_check(tmp_path):
    now = wait(Installer(["--into", str(tmp_path / "engine"), "--check"]))
    assert now.code == 1
    assert now.error.startswith(f"No engine environment found in {tmp_path / 'engine'}.")
    assert not Path(tmp_path / "engine").exists()
