"""What the user does while a sequence goes on: its files, or one sentence and no half file."""

import pytest

pytest.importorskip("bpy")
import bpy
import numpy as np

from sharpdepth_blender import api
from sharpdepth_blender.scene.source import find_source
from tests.faults.conftest import assert_sentence
from tests.faults.test_meanwhile import (
    delete_cameras,
    delete_groups,
    delete_images,
    delete_objects,
    delete_scene,
    empty_file,
    new_file,
    other_units,
    play,
    purge,
    rename,
    unlink,
)
from tests.scene.sequence.shots import HEIGHT, WIDTH, files_of, make_shot
from tests.tasks.told_engine import Engine, answer

DOINGS = [
    new_file, empty_file, delete_scene, delete_objects, delete_images, delete_cameras,
    delete_groups, purge, rename, unlink, other_units, play,
]  # fmt: skip
DEPTH = np.repeat(np.linspace(2, 3, HEIGHT, dtype=np.float32)[:, None], WIDTH, axis=1)


@pytest.fixture(scope="module")
def shot(tmp_path_factory):
    return make_shot(tmp_path_factory.mktemp("shot"), 3)


def answered(engine):
    """Answer the jobs that wait; how many there have been."""
    for job in engine.jobs:
        if not job.done:
            maps = {"depth": DEPTH, "metric_depth": DEPTH, "difference": 0 * DEPTH}
            job.finish(answer(**maps, intrinsics=(60, 60, WIDTH / 2, HEIGHT / 2)))
    return len(engine.jobs)


def run_on(task, engine, jobs):
    """Until the engine has been asked so often, or it is over."""
    while not task.over:
        task.step()
        if len(engine.jobs) == jobs and not engine.jobs[-1].done:
            return
        answered(engine)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("doing", DOINGS, ids=lambda each: each.__name__)
def test_what_is_done_meanwhile(shot, tmp_path, capfd, doing, jobs):
    bpy.ops.wm.open_mainfile(filepath=str(shot), load_ui=False)
    scene, engine = bpy.context.scene, Engine()
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    task = api.begin_sequence(source, tmp_path, scene, camera=scene.camera, engine=engine)
    run_on(task, engine, jobs)
    assert not task.over
    doing()
    run_on(task, engine, 99)
    names = files_of(tmp_path)
    assert not [name for name in names if "/." in f"/{name}"], "a half file"
    if task.error:
        assert_sentence(task.error)
        assert not task.error.startswith("SharpDepth failed"), task.log
        assert "shot.json" not in names
    else:
        assert "shot.json" in names and "depth.0003.exr" in names
    assert "Traceback" not in capfd.readouterr().err
