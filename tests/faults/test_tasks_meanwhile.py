"""Fills, layer updates, checks of moves and installations that are cut short by the user."""

import sys
import time
from types import SimpleNamespace

import pytest

pytest.importorskip("bpy")
import bpy

import sharpdepth_blender
from sharpdepth_blender import api
from sharpdepth_blender.process import JobError, installer
from sharpdepth_blender.scene.layers import (
    is_current,
    layer_objects,
    layers_cut,
    split_result,
)
from sharpdepth_blender.scene.source import find_source
from sharpdepth_blender.tasks import install_engine, layer_update, queue
from sharpdepth_blender.tasks.check_move import MoveCheck
from sharpdepth_blender.tasks.fill_layers import begin_fill
from sharpdepth_blender.tasks.hand_over import HandedOver
from sharpdepth_blender.tasks.install_engine import InstallTask
from tests.faults.conftest import assert_sentence, children
from tests.faults.test_meanwhile import delete_scene, new_file
from tests.scene.layers.street_result import add_result
from tests.scene.moving_shot import make_moving_shot
from tests.scene.sequence.shots import make_shot
from tests.tasks.test_fill_layers import THRESHOLDS, Filling
from tests.tasks.told_engine import Engine

STEPS = 200


def without_a_window(patch):
    """The queue's ticks are the test's own, and drafts are small."""
    patch.setattr(queue, "keep_ticking", lambda step: None)
    patch.setattr(queue, "show_notice", lambda *notice: None)
    patch.setattr(queue, "_push_undo", lambda name: None)
    patch.setattr(queue, "_ticking", False)
    patch.setattr(layer_update, "_in_background", lambda: False)
    patch.setattr("sharpdepth_blender.scene.layers.change._DRAFT", 48)


@pytest.fixture
def switched_on(monkeypatch):
    """The add-on in an empty file."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    sharpdepth_blender.register()
    without_a_window(monkeypatch)
    yield
    if hasattr(bpy.types.Object, "sharpdepth"):
        sharpdepth_blender.unregister()


def filling(folder, monkeypatch):
    """Texture, of which the engine has said nothing yet."""
    rig = split_result(bpy.context.scene, add_result(), thresholds=THRESHOLDS, move=0.3)
    engine = Filling(color=None)
    jobs = []
    ask = engine.fill
    engine.fill = lambda *given, **options: jobs.append(ask(*given, **options)) or jobs[-1]
    task = begin_fill(rig, "TEXTURE", engine)
    queue.start(task)
    return SimpleNamespace(task=task, rig=rig, jobs=jobs)


def updating(folder, monkeypatch):
    """Layers that show a draft of a cut."""
    rig = split_result(bpy.context.scene, add_result(), thresholds=THRESHOLDS, move=0.3)
    layer_update.update_layers(rig, layers_cut(rig).with_thresholds((2.5, 10.5)))
    (task,) = queue.running("layers")
    return SimpleNamespace(task=task, rig=rig, jobs=[])


def checking(folder, monkeypatch):
    """A move of eleven frames."""
    task = MoveCheck(make_moving_shot(), longer=60)
    queue.start(task)
    return SimpleNamespace(task=task, rig=None, jobs=[])


def handing_over(folder, monkeypatch):
    """A command that waits until it may end, and writes no answer."""
    rig = split_result(bpy.context.scene, add_result(), thresholds=THRESHOLDS, move=0.3)
    code = f"import os, time\nwhile not os.path.exists({str(folder / 'go')!r}): time.sleep(0.02)"
    command = [sys.executable, "-c", code, "{picture}", "{answer}"]
    task = HandedOver(layer_objects(rig)[0], str(folder), command)
    queue.start(task)
    return SimpleNamespace(task=task, rig=rig, jobs=[])


def making_a_sequence(folder, monkeypatch):
    """A sequence, of whose first frame the engine has said nothing yet."""
    make_shot(folder, 3)
    scene, engine = bpy.context.scene, Engine()
    source = find_source(scene, "CAMERA_BACKGROUND", scene.camera)
    out = folder / "out"
    task = api.begin_sequence(source, out, scene, camera=scene.camera, engine=engine)
    queue.start(task)
    for _ in range(STEPS):
        if engine.jobs:
            break
        queue._step()
    return SimpleNamespace(task=task, rig=None, jobs=engine.jobs)


def installing(folder, monkeypatch):
    """An installer that takes its time."""
    script = folder / "vendor_install.py"
    script.write_text("import time; print('Making it', flush=True); time.sleep(100)")
    monkeypatch.setattr(installer, "SCRIPT", script)
    chosen = SimpleNamespace(engine=str(folder / "engine"), models="", idle_minutes=1)
    monkeypatch.setattr(install_engine, "get_preferences", lambda: chosen)
    monkeypatch.setattr(install_engine, "check_access", lambda: None)
    task = InstallTask("install", script=script)
    assert not task.over, task.error
    queue.start(task)
    return SimpleNamespace(task=task, rig=None, jobs=[])


def switch_off():
    sharpdepth_blender.unregister()


def switch_off_and_on():
    sharpdepth_blender.unregister()
    sharpdepth_blender.register()


def undo():
    """What undo does: what came of the last step is gone, and everybody hears of it."""
    bpy.data.batch_remove([obj for obj in bpy.data.objects if obj.type != "CAMERA"])
    for handler in [*bpy.app.handlers.undo_post]:
        handler(bpy.context.scene, None)


KINDS = [filling, updating, checking, handing_over, making_a_sequence, installing]
DOINGS = [switch_off, switch_off_and_on, new_file, undo, delete_scene]


def names():
    kinds = ("scenes", "objects", "meshes", "images", "materials", "cameras", "texts", "worlds")
    return {kind: sorted(block.name for block in getattr(bpy.data, kind)) for kind in kinds}


@pytest.mark.parametrize("doing", DOINGS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("begin", KINDS, ids=lambda each: each.__name__)
def test_it_is_cut_short(switched_on, tmp_path, monkeypatch, capfd, begin, doing):
    processes = children()
    begun = begin(tmp_path, monkeypatch)
    queue._step()
    assert not begun.task.over, begun.task.error
    stays = begin is installing and doing not in (switch_off, switch_off_and_on)
    doing()
    there = names()
    (tmp_path / "go").touch()
    if stays:  # it is not of the file
        queue._step()
        assert not begun.task.over and len(children() - processes) == 1
        queue.cancel(begun.task)
    for job in begun.jobs:
        assert doing in (undo, delete_scene) or job.cancelled
    for _ in range(STEPS):
        if queue._step() is None:
            break
        for job in begun.jobs:
            if not job.done:
                job.finish(JobError("child_died", "The engine died."))
        time.sleep(0.02)
    assert begun.task.over and not queue._running
    if begun.task.error:
        assert_sentence(begun.task.error)
        assert not begun.task.error.startswith("SharpDepth failed"), begun.task.log
    until = time.monotonic() + 5
    while children() - processes and time.monotonic() < until:
        time.sleep(0.02)
    assert not children() - processes
    after = names()
    for kind in ("scenes", "objects"):  # copies of a checked scene are removed, nothing else
        gone = [name for name in there[kind] if name not in after[kind]]
        assert set(after[kind]) <= set(there[kind]) and all(begin is checking for _ in gone)
        assert not [name for name in after[kind] if name.startswith("Probe")]
    said = capfd.readouterr()
    assert "Traceback" not in said.out + said.err, said.out + said.err


def test_switched_off_layers_show_no_draft(switched_on, tmp_path, monkeypatch):
    begun = updating(tmp_path, monkeypatch)
    queue._step()
    sizes = [obj["sharpdepth_layer_color"].size[0] for obj in layer_objects(begun.rig)]
    assert max(sizes) < 96
    sharpdepth_blender.unregister()
    assert is_current(begun.rig)
    sizes = [obj["sharpdepth_layer_color"].size[0] for obj in layer_objects(begun.rig)]
    assert max(sizes) > 96
