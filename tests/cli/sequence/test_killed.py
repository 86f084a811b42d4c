"""A sequence that is killed, or loses its folder: what is there is whole, and it goes on."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.scene.sequence.shots import files_of

FEW = ("--frames", "1-6")
MOMENTS = range(1, 21)  # how many files there are; all of them are 27


@pytest.fixture(scope="module")
def few(shot, installed, tmp_path_factory):
    """Files of six frames that nobody disturbed."""
    folder = tmp_path_factory.mktemp("few")
    environ = {"SHARPDEPTH_ENGINE": sys.executable, "FAKE_LOG": str(folder / "log")}
    subprocess.run(
        [sys.executable, "-m", "sharpdepth_blender", "sequence", shot, *FEW,
         "--into", folder / "out"],
        cwd=installed, env={**os.environ, **environ}, check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    return files_of(folder / "out")


def whole_files(folder):
    """Files but those that were being written."""
    return {
        name: data
        for name, data in files_of(folder).items()
        if not os.path.basename(name).startswith(".")
    }


def wait_for_files(process, folder, count):
    """Until so many are there, whole or not; whether they came before the process ended."""
    while sum(len(files) for _, _, files in os.walk(folder)) < count:
        if process.poll() is not None:
            return False
        time.sleep(0.0005)
    return True


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_a_moment(shot, few, start, run, tmp_path, moment):
    out = tmp_path / "out"
    process = start(shot, *FEW, "--into", out)
    assert wait_for_files(process, out, moment)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    there = whole_files(out)
    assert there.items() <= few.items()
    outcome = run(shot, *FEW, "--into", out)
    assert outcome.code == 0, outcome.stderr
    assert whole_files(out) == few
    raw = sum(name.startswith("raw") for name in there)
    assert outcome.asked <= 6 - raw


@pytest.mark.parametrize("how", ["removed", "moved", "becomes a file"])
def test_the_folder_goes_meanwhile(shot, few, start, run, tmp_path, how):
    """One sentence, nothing half written, and the same call ends well."""
    out = tmp_path / "out"
    process = start(shot, *FEW, "--into", out, seconds=0.2)
    assert wait_for_files(process, out, 5)
    if how == "moved":
        out.rename(tmp_path / "moved")
    else:
        shutil.rmtree(out, ignore_errors=True)
    if how == "becomes a file":
        out.write_text("mine")
    _, said = process.communicate(timeout=240)
    assert process.returncode == 1 and "Traceback" not in said, said
    assert said.splitlines()[-1].startswith("sharpdepth: ") and "cannot be" in said
    if how == "becomes a file":
        assert out.read_text() == "mine"
        out.unlink()
    if how == "moved":
        assert whole_files(tmp_path / "moved").items() <= few.items()
        shutil.move(tmp_path / "moved", out)
    else:
        shutil.rmtree(out, ignore_errors=True)
    outcome = run(shot, *FEW, "--into", out)
    assert outcome.code == 0, outcome.stderr
    assert whole_files(out) == few
