"""A check of a move, as its operator follows it."""

from types import SimpleNamespace

import bpy
import pytest

import sharpdepth_blender
from sharpdepth_blender.scene.move import move_frames
from sharpdepth_blender.tasks import queue
from sharpdepth_blender.tasks.check_move import MoveCheck
from sharpdepth_blender.ui.operators.check_move import SHARPDEPTH_OT_check_move
from tests.scene.moving_shot import make_moving_shot

KINDS = ("scenes", "objects", "meshes", "cameras", "materials", "worlds", "texts")


@pytest.fixture
def shot():
    scene = make_moving_shot()
    sharpdepth_blender.register()
    yield scene
    sharpdepth_blender.unregister()


@pytest.fixture
def told(monkeypatch):
    """A window's part of the queue: ticks are the test's own, and what is told is noted."""
    told = []
    monkeypatch.setattr(queue, "keep_ticking", lambda step: None)
    monkeypatch.setattr(queue, "show_notice", lambda *notice: told.append(notice))
    monkeypatch.setattr(queue, "_ticking", False)
    return told


def there():
    return {kind: sorted(each.name for each in getattr(bpy.data, kind)) for kind in KINDS}


def test_a_frame_a_step_and_the_report_is_kept(shot, told):
    task = MoveCheck(shot, step=5)
    assert (task.frame, task.fraction, task.waiting) == (1, 0.0, False)
    queue.start(task)
    assert queue._step() <= 0.05  # the next frame follows at once
    assert (task.frame, task.message) == (6, "Checking frame 6")
    assert task.fraction == pytest.approx(1 / 3)
    assert queue.running() == []  # it is no depth mesh that waits for the engine
    while queue._step():
        pass
    assert task.over and task.error is None and task.fraction == 1
    ((level, sentence),) = told
    assert level == "WARNING" and "frames 1 to 11: 3 checked" in sentence.splitlines()[0]
    assert bpy.data.texts["SharpDepth Check Move"] and bpy.data.images["SharpDepth Check Move"]
    assert [each.name for each in bpy.data.scenes] == [shot.name]


def test_nothing_to_find_fault_with_is_no_warning(shot):
    task = MoveCheck(shot, 1, 1)
    task.run()
    assert task.level == "INFO" and "Holes: none" in task.outcome


def test_cancelled_it_leaves_nothing_behind(shot, told):
    before = there()
    task = MoveCheck(shot)
    queue.start(task)
    queue._step()
    queue.cancel(task)
    assert queue._step() is None and told == [] and there() == before


def test_what_is_wrong_is_a_sentence_and_leaves_nothing_behind(shot, told, tmp_path):
    before = there()
    assert "before they start" in MoveCheck(shot, 4, 1).error
    task = MoveCheck(shot, folder=tmp_path / "nowhere")
    queue.start(task)
    assert queue._step() is None and queue.error() == ""
    assert told == [("ERROR", task.error)] and "nowhere does not exist" in task.error
    assert there() == before


@pytest.fixture
def watched(shot, told):
    """The operator as a window's events reach it, and what it reported."""
    task = MoveCheck(shot, step=5)
    queue.start(task)
    closed, reports = [], []
    operator = SimpleNamespace(
        _task=task,
        _stack=SimpleNamespace(close=lambda: closed.append(True)),
        _show=lambda context: None,
        report=lambda kind, sentence: reports.append(sentence),
    )
    operator.cancel = lambda context: SHARPDEPTH_OT_check_move.cancel(operator, context)

    def send(kind):
        event = SimpleNamespace(type=kind)
        return SHARPDEPTH_OT_check_move.modal(operator, bpy.context, event)

    return SimpleNamespace(send=send, task=task, reports=reports, closed=closed)


def test_while_it_goes_on_nothing_else_happens_and_its_end_is_one_step(watched):
    for kind in ("LEFTMOUSE", "A", "TIMER"):
        assert watched.send(kind) == {"RUNNING_MODAL"}
    while queue._step():
        pass
    assert watched.send("TIMER") == {"FINISHED"} and watched.closed


def test_esc_stops_it(watched):
    queue._step()
    assert watched.send("ESC") == {"CANCELLED"} and watched.closed
    assert watched.task.over and watched.reports == ["Cancelled; no report was kept."]
    assert queue._step() is None and not bpy.data.texts and len(bpy.data.scenes) == 1


def test_esc_after_the_last_frame_is_too_late(watched):
    while queue._step():
        pass
    assert watched.send("ESC") == {"FINISHED"} and watched.reports == []


@pytest.fixture
def asked(shot, monkeypatch):
    """The dialog as it opens over what was set and what was kept from last time."""

    def ask(given=(), kept=None, frames=(1, 250)):
        shot.frame_start, shot.frame_end = frames
        values = {"start": 0, "end": 0, "step": 1, "proposed": 0, **(kept or {}), **dict(given)}

        def is_set(name, ghost=True):
            return name in dict(given) or (not ghost and name in (kept or {}))

        operator = SimpleNamespace(**values, properties=SimpleNamespace(is_property_set=is_set))
        operator._propose = lambda: SHARPDEPTH_OT_check_move._propose(operator)
        manager = SimpleNamespace(invoke_props_dialog=lambda operator, width: {"RUNNING_MODAL"})
        context = SimpleNamespace(scene=shot, window_manager=manager)
        SHARPDEPTH_OT_check_move.invoke(operator, context, None)
        return operator

    return ask


def test_it_proposes_to_look_at_about_a_dozen_frames(asked, shot):
    for last in (1, 5, 11, 24, 48, 100, 250, 1001):
        dialog = asked(frames=(1, last))
        frames = move_frames(shot, dialog.start, dialog.end, dialog.step)
        assert (frames[0], frames[-1]) == (1, last)
        assert len(frames) == last if last <= 11 else 9 <= len(frames) <= 17
    dialog.end = 24
    assert SHARPDEPTH_OT_check_move.check(dialog, None) and dialog.step == 2


def test_a_step_of_the_users_own_stays(asked):
    assert asked(given={"step": 5}.items()).step == 5
    assert asked(kept={"step": 5, "proposed": 23}).step == 5
    assert asked(kept={"step": 5, "proposed": 5}).step == 23
    dialog = asked(kept={"step": 1, "proposed": 23})
    dialog.end = 2000
    assert not SHARPDEPTH_OT_check_move.check(dialog, None) and dialog.step == 1
