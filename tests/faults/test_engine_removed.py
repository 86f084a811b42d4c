"""The engine is removed, moved or put anew while its child works, or between two jobs."""

import os
import shutil
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.faults.conftest import assert_sentence, children
from tests.faults.test_child import _is_stopped, fail
from tests.process.conftest import extension, process  # noqa: F401  (fixtures)

RGB = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
STAGES = ["load", "stage 3", "metric_depth"]


def install(place, environment):
    """An environment like another, with the same packages: what is removed is only the links."""
    (place / "bin").mkdir(parents=True)
    (place / "bin" / "python").symlink_to(os.path.realpath(environment / "bin" / "python"))
    for name in ("pyvenv.cfg", "sharpdepth-engine.json"):
        if (environment / name).is_file():
            shutil.copy(environment / name, place)
    (packages,) = environment.glob("lib/python*/site-packages")
    folder = place / packages.relative_to(environment)
    folder.parent.mkdir(parents=True)
    folder.symlink_to(packages)


def remove(place):
    shutil.rmtree(place)


def move(place):
    place.rename(place.with_name("elsewhere"))


DOINGS = [remove, move]


@pytest.fixture
def installed(tmp_path, own_temporary):
    """Function that installs an environment; whatever is begun with it ends with the test."""
    before = children()

    def put(environment):
        place = tmp_path / "engine"
        install(place, Path(environment))
        return place

    yield put
    until = time.monotonic() + 5
    while children() - before and time.monotonic() < until:
        time.sleep(0.02)
    assert not children() - before, "a process is left"
    assert not os.listdir(own_temporary)


@pytest.fixture
def fake(installed, process):  # noqa: F811
    """An engine that does as it is told, in an environment of its own."""
    place = installed(sys.prefix)
    with process.Engine(place) as engine:
        yield SimpleNamespace(place=place, engine=engine, installed=installed, process=process)


def stopped_job(engine, model):
    """A job whose child has stopped."""
    job = engine.infer(RGB, model=model)
    while not (engine.pid and _is_stopped(engine.pid)):
        assert not job.done, job.outcome
        time.sleep(0.005)
    return job


def check_missing(error, words, place=""):
    assert error.kind == "engine_missing" and words in error.message, (error.kind, error.message)
    assert_sentence(error.message)
    assert str(place) in error.message


@pytest.mark.parametrize("what", ["imports", "stopped, then exits"])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("doing", DOINGS)
def test_while_it_works(fake, doing, stage, what):
    job = stopped_job(fake.engine, f"{what}@{stage}")
    pid = fake.engine.pid
    doing(fake.place)
    os.kill(pid, signal.SIGCONT)
    check_missing(fail(fake.process, job), "was removed while it worked", fake.place)
    assert fake.engine.pid is None
    check_missing(fail(fake.process, fake.engine.infer(RGB)), "not installed", fake.place)
    fake.installed(sys.prefix)
    assert fake.engine.infer(RGB).wait().model == "preview"


def test_a_removal_that_takes_its_time(fake):
    """Packages may be missed before the interpreter is deleted."""
    job = stopped_job(fake.engine, "imports@stage 3")
    (packages,) = fake.place.glob("lib/python*/site-packages")
    packages.unlink()
    os.kill(fake.engine.pid, signal.SIGCONT)
    time.sleep(0.5)  # long enough for the child to tell what it misses
    remove(fake.place)
    check_missing(fail(fake.process, job), "was removed while it worked", fake.place)


def test_a_job_that_needs_nothing_more_is_done(fake):
    job = stopped_job(fake.engine, "stopped@stage 3")
    remove(fake.place)
    os.kill(fake.engine.pid, signal.SIGCONT)
    assert job.wait().model == "stopped@stage 3"


@pytest.mark.parametrize("doing", DOINGS)
def test_between_two_jobs(fake, doing):
    fake.engine.infer(RGB).wait()
    doing(fake.place)
    check_missing(fail(fake.process, fake.engine.infer(RGB)), "not installed", fake.place)
    assert fake.engine.pid is None


def test_one_that_was_put_anew_is_started_anew(fake):
    """Else the modules of two installations would be mixed."""
    fake.engine.infer(RGB).wait()
    pid = fake.engine.pid
    fake.engine.infer(RGB).wait()
    assert fake.engine.pid == pid
    move(fake.place)
    fake.installed(sys.prefix)
    assert fake.engine.infer(RGB).wait().model == "preview" and fake.engine.pid != pid


def test_one_that_is_put_anew_while_it_works(fake):
    job = stopped_job(fake.engine, "stopped, then exits@stage 3")
    move(fake.place)
    fake.installed(sys.prefix)
    os.kill(fake.engine.pid, signal.SIGCONT)
    check_missing(fail(fake.process, job), "was installed anew while it worked")
    assert fake.engine.infer(RGB).wait().model == "preview"


def test_a_cancel_is_told_as_one(fake):
    job = stopped_job(fake.engine, "imports@stage 3")
    job.cancel()
    remove(fake.place)
    assert fail(fake.process, job).kind == "cancelled"


@pytest.fixture
def real(installed):
    """The real engine in an environment of its own, on Blender's side as the add-on has it."""
    from sharpdepth_blender.process import Engine, JobError

    environment = os.environ["SHARPDEPTH_ENGINE"]
    place = installed(environment)
    with Engine(place) as engine:
        names = SimpleNamespace(JobError=JobError)
        yield SimpleNamespace(place=place, engine=engine, environment=environment, process=names)


@pytest.mark.parametrize("doing, stage", [(remove, "load"), (move, "metric_depth")])
def test_the_real_one(real, installed, doing, stage):
    job = real.engine.infer(RGB)
    while not any(event.stage == stage for event in job.poll()):
        assert not job.done, job.outcome
        time.sleep(0.002)
    doing(real.place)
    error = fail(real.process, job)
    check_missing(error, "was removed while it worked", real.place)
    installed(real.environment)
    assert np.isfinite(real.engine.infer(RGB).wait().depth).all()


def test_remove_engine_in_the_preferences(installed, tmp_path, monkeypatch):
    """The button waits for a generation; a script does not."""
    import bpy

    from sharpdepth_blender.tasks import following, install_engine, session
    from sharpdepth_blender.tasks.generate import Generation
    from sharpdepth_blender.tasks.install_engine import InstallTask
    from tests.tasks.told_engine import everything, shot

    environment = os.environ["SHARPDEPTH_ENGINE"]
    place = installed(environment)
    chosen = SimpleNamespace(engine=str(place), models=str(tmp_path / "models"), idle_minutes=1)
    for room in (install_engine, session):
        monkeypatch.setattr(room, "get_preferences", lambda: chosen)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    following.register()
    try:
        blocks = everything()
        task = Generation(session.get_engine(), bpy.context.scene, shot(), model="preview")
        while "model" not in task.message:  # it is being loaded
            task.step()
            assert not task.over, task.error
        removal = InstallTask("remove")
        removal.run()
        assert removal.error is None and not place.exists()
        task.run()
        assert "was closed while it worked" in task.error and everything() == blocks
        assert_sentence(task.error)
        again = Generation(session.get_engine(), bpy.context.scene, shot(), model="preview")
        again.run()
        assert "not installed" in again.error and everything() == blocks
        install(place, Path(environment))
        once_more = Generation(session.get_engine(), bpy.context.scene, shot(), model="preview")
        once_more.run()
        assert once_more.error is None and once_more.result
    finally:
        session.close_engine()
        following.unregister()
