"""Every way in which a child can go wrong, brought about for real."""

import os
import resource
import shlex
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

RGB = np.zeros((4, 6, 3), np.uint8)
STAGES = ["start", "load", *(f"stage {number}" for number in (0, 7, 19)), "metric_depth"]


def fail(process, job):
    with pytest.raises(process.JobError) as caught:
        job.wait()
    return caught.value


def wait_for(job, stage, seconds=10):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if any(event.stage == stage for event in job.poll()):
            return
        time.sleep(0.005)
    raise AssertionError(f"no stage {stage}")


def stand_in(folder, text):
    """An interpreter that is a script."""
    program, script = folder / "program.py", folder / "python"
    program.write_text(textwrap.dedent(text))
    # Through a shell, because no #! line can name an interpreter whose path has a space.
    words = shlex.join([sys.executable, str(program)])
    script.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    script.chmod(0o755)
    return script


@pytest.mark.parametrize("stage", STAGES)
def test_a_killed_child_is_reported_and_replaced(engine, process, gone, stage):
    job, after = engine.infer(RGB, model="slow"), engine.infer(RGB)
    wait_for(job, stage)
    while (pid := engine.pid) is None:
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    error = fail(process, job)
    assert error.kind == "child_died"
    assert "was killed, probably because memory ran out" in error.message
    assert after.wait().model == "preview"
    assert gone(pid) and engine.pid != pid


def test_a_child_killed_between_jobs_is_not_noticed(engine, gone):
    engine.infer(RGB).wait()
    pid = engine.pid
    os.kill(pid, signal.SIGKILL)
    while engine.pid:  # which also reaps it
        time.sleep(0.01)
    engine.infer(RGB).wait()
    assert gone(pid) and engine.pid != pid


def test_a_crash_is_reported_with_the_last_lines(engine, process):
    error = fail(process, engine.infer(RGB, model="crashes"))
    assert error.kind == "child_died" and "signal 11" in error.message
    assert "about to crash" in error.log and "fake_engine" not in error.message
    assert "Fatal Python error: Segmentation fault" in error.log


@pytest.mark.parametrize("stage", ["start", "load", "stage 0", "stage 12"])
def test_a_cancel_is_answered_at_the_next_stage_and_the_child_stays(engine, process, stage):
    engine.infer(RGB).wait()
    pid = engine.pid
    job, after = engine.infer(RGB, model="slow"), engine.infer(RGB, model="slow")
    wait_for(job, stage)
    before = time.monotonic()
    job.cancel()
    assert fail(process, job).kind == "cancelled"
    assert time.monotonic() - before < 1.0
    assert after.wait().model == "slow" and engine.pid == pid


def test_a_job_cancelled_in_the_queue_never_starts(engine, process):
    first, second = engine.infer(RGB, model="slow"), engine.infer(RGB, model="slow")
    second.cancel()
    first.wait()
    assert fail(process, second).kind == "cancelled" and second.poll() == []


@pytest.mark.parametrize("model, stage", [("deaf", "deaf"), ("hangs while loading", "load")])
def test_a_child_that_does_not_answer_a_cancel_is_ended(engine, process, gone, model, stage):
    job = engine.infer(RGB, model=model)
    wait_for(job, stage)
    pid, before = engine.pid, time.monotonic()
    job.cancel()
    assert fail(process, job).kind == "cancelled"
    assert 1.0 <= time.monotonic() - before < 4.0  # the fixture's grace is one second
    assert gone(pid)
    engine.infer(RGB).wait()


def test_a_stopped_child_is_killed(engine, process, gone):
    job = engine.infer(RGB, model="slow")
    wait_for(job, "stage 1")
    pid = engine.pid
    os.kill(pid, signal.SIGSTOP)
    job.cancel()
    assert fail(process, job).kind == "cancelled"
    assert gone(pid)


def test_a_stopped_child_is_not_waited_for_as_one_that_works(process, gone):
    """A child that listens has ten seconds to come to the end of a stage, another one a moment."""
    with process.Engine(sys.executable) as engine:
        job = engine.infer(RGB, model="deaf")
        wait_for(job, "deaf")
        pid, before = engine.pid, time.monotonic()
        os.kill(pid, signal.SIGSTOP)
        job.cancel()
        assert fail(process, job).kind == "cancelled" and gone(pid)
        assert time.monotonic() - before < 5  # two where the machine is free


def test_prints_of_every_kind_stay_out_of_the_messages(engine, process):
    assert engine.infer(RGB, model="prints").wait().notes[-1] == ""  # stdin is empty for others
    log = fail(process, engine.infer(RGB, model="crashes")).log
    for text in ("print, Ω", "raw write", "from C", "from a grandchild"):
        assert text in log


def test_the_host_s_python_settings_do_not_reach_the_child(engine, tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise ImportError('the wrong numpy')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "numpy.py"))
    monkeypatch.chdir(tmp_path)
    engine.infer(RGB).wait()


@pytest.mark.parametrize(
    "text, kind, part",
    [
        ("print('Welcome to Python!')", "bad_message", "“Welcome to Python!”"),
        ("print('x' * 3_000_000)", "bad_message", "“xxxx"),
        ("print('[1, 2]')", "bad_message", "“[1, 2]”"),
        ('print(\'{"type": "hello", "protocol": 1}\')', "wrong_version", "restart Blender"),
        (
            'print(\'{"type": "hello", "protocol": 6, "python": [3, 9, 2]}\')',
            "engine_missing",
            "is 3.9.2",
        ),
        ("raise SystemExit('No Python at “C:”')", "child_died", "No Python at “C:”"),
    ],
)
def test_a_child_that_says_something_else(process, tmp_path, text, kind, part):
    with process.Engine(stand_in(tmp_path, text)) as engine:
        error = fail(process, engine.infer(RGB))
        assert error.kind == kind and part in error.message


def test_garbage_in_the_middle_of_a_job(process, tmp_path):
    script = """
        import time
        print('{"type": "hello", "protocol": 6, "python": [3, 11, 0]}', flush=True)
        print('{"type": "progress", "stage": "a", "fraction": 0, "message": "A"}', flush=True)
        print('\\x00\\x80garbage', flush=True)
        time.sleep(60)
    """
    with process.Engine(stand_in(tmp_path, script)) as engine:
        job = engine.infer(RGB)
        assert fail(process, job).kind == "bad_message"
        assert [event.stage for event in job.poll()] == []  # `wait` has polled them


def test_a_child_that_never_says_hello(process, tmp_path, monkeypatch):
    monkeypatch.setattr(process.worker, "_START_SECONDS", 0.5)
    script = stand_in(tmp_path, "import time; time.sleep(60)")
    with process.Engine(script) as engine:
        error = fail(process, engine.infer(RGB))
    assert error.kind == "child_died" and "did not start" in error.message


def test_a_cancel_while_the_child_starts(process, tmp_path):
    with process.Engine(stand_in(tmp_path, "import time; time.sleep(60)")) as engine:
        job = engine.infer(RGB)
        wait_for(job, "start")
        job.cancel()
        assert fail(process, job).kind == "cancelled"


@pytest.mark.parametrize("place", ["nothing here", "a folder", "a file"])
def test_no_engine(process, tmp_path, monkeypatch, place):
    if place == "a folder":
        (tmp_path / place).mkdir()
    if place == "a file":
        (tmp_path / place).write_text("not a program")
    monkeypatch.setenv("SHARPDEPTH_ENGINE", str(tmp_path / place))
    with process.Engine() as engine:
        error = fail(process, engine.infer(RGB))
    assert error.kind == ("child_died" if place == "a file" else "engine_missing")
    assert place in error.message


def test_an_interpreter_without_the_packages(process, extension, tmp_path):
    empty = tmp_path / "empty environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", empty], check=True)
    with process.Engine(empty) as engine:
        error = fail(process, engine.infer(RGB))
        assert error.kind == "engine_missing"
        assert "No module named 'numpy'" in error.message and str(empty) in error.message
        assert fail(process, engine.read_picture("a.png")).kind == "engine_missing"


def test_disk_full_for_the_parent(engine, process, small_disk):
    error = fail(process, engine.infer(np.zeros((2000, 2000, 3), np.uint8)))
    assert error.kind == "disk_full" and str(small_disk) in error.message
    engine.infer(RGB).wait()


def test_disk_full_for_the_child(engine, process, small_disk):
    assert fail(process, engine.infer(RGB, model="large")).kind == "disk_full"
    engine.infer(RGB).wait()


@pytest.fixture
def small_disk(engine, tmp_path):
    """The temporary folder with room for 500 kB."""
    folder = tmp_path / "temporary"
    mount = ["mount", "-t", "tmpfs", "-o", "size=500k", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_limit_on_file_size(engine, process):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        error = fail(process, engine.infer(np.zeros((200, 200, 3), np.uint8)))
        after = engine.infer(RGB).wait()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert error.kind == "disk_full" and after.model == "preview"


def test_the_temporary_folder_is_gone(engine, process, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    assert fail(process, engine.infer(RGB)).kind == "disk_error"


def test_the_child_has_a_temporary_folder_of_its_own(engine, tmp_path):
    """For the caches that libraries leave; the fixture holds that it is gone afterwards."""
    engine.infer(RGB).wait()
    (folder,) = (tmp_path / "temporary").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "left behind").write_text("by a library")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems choose otherwise")
def test_the_system_ends_the_child_before_the_host(engine):
    engine.infer(RGB).wait()
    assert Path(f"/proc/{engine.pid}/oom_score_adj").read_text() == "1000\n"


PARENT = """
import importlib, os, sys, tempfile, time
sys.path.insert(0, {site!r})
tempfile.tempdir = {temporary!r}
client = importlib.import_module({name!r})
engine = client.Engine(sys.executable)
job = engine.infer(__import__("numpy").zeros((4, 6, 3)), model={model!r})
while {model!r} not in [event.stage for event in job.poll()] and not job.done:
    time.sleep(0.01)
print(engine.pid, flush=True)
{then}
"""


def parent(process, extension, temporary, model, then):
    """Run a script that uses the engine as a program of its own."""
    temporary.mkdir()
    text = PARENT.format(
        site=str(extension.parents[2]),
        temporary=str(temporary),
        name=process.client.__name__,
        model=model,
        then=then,
    )
    return subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True)


def test_the_child_goes_with_a_killed_parent(process, extension, tmp_path, gone):
    temporary = tmp_path / "temporary"
    with parent(process, extension, temporary, "deaf", "time.sleep(60)") as host:
        pid = int(host.stdout.readline())
        assert Path(f"/proc/{pid}").exists() and len(list(temporary.iterdir())) == 2
        host.kill()
    assert gone(pid, 5)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("then", ["pass", "raise SystemExit(3)", "1 / 0"])
@pytest.mark.parametrize("model", ["deaf", "preview"])
def test_the_child_goes_when_the_parent_ends_without_closing(
    process, extension, tmp_path, gone, model, then
):
    before = time.monotonic()
    with parent(process, extension, tmp_path / "temporary", model, then) as host:
        pid = int(host.stdout.readline())
        host.wait(10)
    assert gone(pid) and time.monotonic() - before < 8
    assert list((tmp_path / "temporary").iterdir()) == []


def test_ctrl_c_reaches_the_script_and_not_the_child(process, extension, tmp_path, gone):
    then = """
try:
    print("waiting", flush=True)
    job.wait()
except KeyboardInterrupt:
    assert engine.pid, "the child took the interrupt for itself"
    job.cancel()
    print("interrupted", flush=True)
engine.close()
"""
    with parent(process, extension, tmp_path / "temporary", "deaf", then) as host:
        pid = int(host.stdout.readline())
        assert host.stdout.readline() == "waiting\n"
        os.kill(pid, signal.SIGINT)  # a terminal sends it to both
        host.send_signal(signal.SIGINT)
        assert host.stdout.readline() == "interrupted\n"
        assert host.wait(10) == 0
    assert gone(pid)
