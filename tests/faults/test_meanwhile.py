"""What the user does while a generation goes on: a result, or one sentence and nothing left."""

import pytest

pytest.importorskip("bpy")
import bpy

from sharpdepth_blender.process import JobError
from sharpdepth_blender.process.job import Progress
from sharpdepth_blender.tasks import queue
from tests.faults.conftest import assert_sentence
from tests.tasks.conftest import make, registered  # noqa: F401  (fixtures)
from tests.tasks.told_engine import answer, early, everything

pytestmark = pytest.mark.usefixtures("registered")


def begun(task, job):
    """Nothing is known yet."""


def waiting(task, job):
    job.report(Progress("metric_depth", 0.1, "Estimating metric depth"))
    task.step()


def previewed(task, job):
    job.report(early())
    task.step()
    assert len(bpy.context.scene.objects) >= 1


def answered(task, job):
    """The answer is there, but nobody has looked at it."""
    job.report(early())
    task.step()
    job.finish(answer())


MOMENTS = [begun, waiting, previewed, answered]


def new_file():
    bpy.ops.wm.read_factory_settings(use_empty=True)


def empty_file():
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


def delete_scene():
    scene = bpy.context.scene
    bpy.data.scenes.new("Another")
    bpy.data.scenes.remove(scene)


def delete_objects():
    bpy.data.batch_remove([*bpy.data.objects])


def delete_meshes():
    bpy.data.batch_remove([*bpy.data.meshes])


def delete_images():
    bpy.data.batch_remove([*bpy.data.images])


def delete_materials():
    bpy.data.batch_remove([*bpy.data.materials])


def delete_groups():
    bpy.data.batch_remove([*bpy.data.node_groups])


def delete_cameras():
    bpy.data.batch_remove([*bpy.data.cameras])


def purge():
    bpy.data.orphans_purge(do_recursive=True)


def rename():
    for kind in (bpy.data.objects, bpy.data.images, bpy.data.scenes, bpy.data.node_groups):
        for block in kind:
            block.name = "mine"


def unlink():
    for obj in bpy.data.objects:
        for collection in obj.users_collection:
            collection.objects.unlink(obj)


def remove_modifiers():
    for obj in bpy.data.objects:
        obj.modifiers.clear()


def apply_result():
    for obj in bpy.data.objects:
        obj.data = obj.data and obj.data.copy()


def another_scene():
    bpy.context.window.scene = bpy.data.scenes.new("Another") if bpy.context.window else None


def other_units():
    bpy.context.scene.unit_settings.scale_length = 0.01


def play():
    bpy.context.scene.frame_set(77)


DOINGS = [
    new_file, empty_file, delete_scene, delete_objects, delete_meshes, delete_images,
    delete_materials, delete_groups, delete_cameras, purge, rename, unlink, remove_modifiers,
    apply_result, other_units, play,
]  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("doing", DOINGS, ids=lambda each: each.__name__)
def test_what_is_done_meanwhile(make, capfd, doing, moment):  # noqa: F811
    made = make()
    task, (job,) = made.generation, made.jobs
    moment(task, job)
    doing()
    before = everything()
    if not job.done:
        job.finish(answer())
    task.run()
    if task.error:
        assert_sentence(task.error)
        assert not task.error.startswith("SharpDepth failed"), task.log
        after = everything()
        assert all(set(after[kind]) <= set(before[kind]) for kind in after), (before, after)
    else:
        assert task.result in {obj.session_uid for obj in bpy.data.objects}
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("kind", ["child_died", "out_of_memory", "disk_full", "bad_message"])
def test_the_engine_faults(make, kind, moment):  # noqa: F811
    before = everything()
    made = make()
    task, (job,) = made.generation, made.jobs
    if moment is answered:
        moment = previewed
    moment(task, job)
    job.finish(JobError(kind, "It went wrong."))
    task.run()
    assert task.error == "It went wrong." and everything() == before


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("how", ["canceled", "all canceled", "switched off", "file loaded"])
def test_the_task_is_stopped(make, how, moment, monkeypatch):  # noqa: F811
    monkeypatch.setattr(queue, "keep_ticking", lambda step: None)
    before = everything()
    made = make()
    task, (job,) = made.generation, made.jobs
    queue.start(task)
    moment(task, job)
    if how == "canceled":
        queue.cancel(task)
    elif how == "all canceled":
        queue.cancel_all()
    elif how == "switched off":
        queue.unregister()
    else:
        queue._after_another_file()
    assert task.over and job.cancelled and not queue.is_busy("scene")
    assert everything() == before
