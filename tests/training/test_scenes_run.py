"""`run.py` where bpy is: frames are rendered by children, torch stages go to the engine."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from training.scenes.frame import Frame, frame_path  # noqa: E402

RUN = Path(__file__).parents[2] / "training" / "run.py"
FEW = ["render.train=2", "render.distill=1", "render.validation=0", "render.test=0"]
SETTINGS = ["processing_resolution=32", "render.samples=1", *FEW]
FLAGS = [part for setting in SETTINGS for part in ("--set", setting)]


def run(*arguments, **environ):
    return subprocess.run(
        [sys.executable, RUN, *arguments, *FLAGS],
        capture_output=True, text=True, timeout=120, env={**os.environ, **environ},
    )  # fmt: skip


def test_render_shares_the_seeds_and_resumes(tmp_path):
    folder = f"folder={tmp_path}"
    ended = run("render", "--set", folder)
    assert ended.returncode == 0, ended.stderr
    paths = [frame_path(tmp_path / "frames", split, seed)
             for split, seed in (("train", 0), ("train", 1), ("distill", 1_000_000))]  # fmt: skip
    assert sorted(tmp_path.rglob("*.npz")) == sorted(paths)
    frame = Frame.load(paths[1])
    assert frame.seed == 1 and max(frame.rgb.shape) == 32
    kept, paths_time = paths[0], paths[0].stat().st_mtime_ns
    paths[1].unlink()
    assert run("render", "--set", folder).returncode == 0
    assert kept.stat().st_mtime_ns == paths_time
    np.testing.assert_array_equal(Frame.load(paths[1]).depth, frame.depth)


def test_the_open_file_is_only_there_in_a_blender(tmp_path):
    ended = run("render", "--set", f"folder={tmp_path}", "--set", "render.source=open")
    assert ended.returncode == 1
    assert "run this in the Blender that has the file open" in ended.stderr


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no list of children here")
def test_a_child_ends_with_its_parent(tmp_path):
    more = ["--set", "render.train=500", "--set", f"folder={tmp_path}"]
    with subprocess.Popen([sys.executable, RUN, "render", *FLAGS, *more]) as parent:
        first = frame_path(tmp_path / "frames", "train", 0)
        assert wait_for(first.exists)
        listed = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        parent.kill()
    assert listed and wait_for(lambda: all(map(is_gone, listed)))
    assert len(list(first.parent.iterdir())) < 100


SWALLOWING = """
import os, signal, time
from training.subprocesses import heed_interrupts, ignore_interrupts

def work(seconds):
    for _ in range(10 * seconds):
        time.sleep(0.1)

heed_interrupts()
try:
    os.kill(os.getpid(), signal.SIGTERM)
    work(30)
except KeyboardInterrupt:
    print("swallowed")
try:
    work(30)
except KeyboardInterrupt:
    ignore_interrupts()
    print("ended")
work(2)
print("in peace")
"""


def test_an_interrupt_that_blender_swallows_comes_again():
    environ = {**os.environ, "PYTHONPATH": str(RUN.parents[1])}
    ended = subprocess.run(
        [sys.executable, "-c", SWALLOWING], capture_output=True, text=True, env=environ
    )
    assert ended.stdout.split("\n")[:3] == ["swallowed", "ended", "in peace"], ended.stderr
    assert ended.returncode == 0


INTERRUPTED = """
import os, signal, sys, threading
from training.subprocesses import heed_interrupts, run_children

child = "import sys, time; sys.stdin.read(); time.sleep(2 * {0}); open(sys.argv[1], 'w')"
heed_interrupts()
threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    run_children([sys.executable, "-c", child.format(n), sys.argv[n]] for n in (1, 2))
except KeyboardInterrupt:
    print(*map(os.path.exists, sys.argv[1:]))
"""


def test_an_interrupt_waits_for_the_children_to_end(tmp_path):
    environ = {**os.environ, "PYTHONPATH": str(RUN.parents[1])}
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, tmp_path / "one", tmp_path / "other"],
        capture_output=True, text=True, env=environ,
    )  # fmt: skip
    assert ended.stdout == "True True\n", ended.stderr


def is_gone(process):
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < end:
        time.sleep(0.1)
    return met


def test_a_torch_stage_runs_in_the_engine_and_its_exit_code_comes_back(tmp_path):
    if "SHARPDEPTH_ENGINE" not in os.environ:
        pytest.skip("no engine environment is named")
    ended = run("metric", "--set", f"folder={tmp_path}")
    assert ended.returncode == 1
    assert "2 of 2 train frames are missing" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_missing_engine_is_one_sentence(tmp_path):
    ended = run("vae", "--set", f"folder={tmp_path}", SHARPDEPTH_ENGINE=str(tmp_path))
    assert ended.returncode == 1
    assert "not installed" in ended.stderr and "Traceback" not in ended.stderr
