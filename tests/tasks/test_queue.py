"""What goes on beside the user's work, one tick after the other."""

from types import SimpleNamespace

import pytest

from sharpdepth_blender.tasks import queue, watched
from sharpdepth_blender.tasks.task import SceneTask, Task


class Steps:
    """A task of so many steps, and of what it comes to."""

    def __init__(self, name="Plate", steps=2, error=None, outcome=""):
        super().__init__(name)
        self.left, self.comes_to = steps, (error, outcome)

    def _go_on(self):
        self.left -= 1
        if self.left:
            return
        error, self.outcome = self.comes_to
        if error:
            self._fail(None, error)
        else:
            self._end()


class Generating(Steps, SceneTask):
    pass


class Installing(Steps, Task):
    kind = "engine"


class Downloading(Steps, Task):
    kind = "weights"


@pytest.fixture
def told(monkeypatch):
    """A window's part of it: ticks are the test's own, and what is told is noted."""
    told = []
    monkeypatch.setattr(queue, "keep_ticking", lambda step: told.append("ticking"))
    monkeypatch.setattr(queue, "show_notice", lambda *notice: told.append(notice))
    monkeypatch.setattr(queue, "_push_undo", lambda name: told.append("undo"))
    monkeypatch.setattr(queue, "close_engine", lambda: told.append("closed"))
    monkeypatch.setattr(queue, "_ticking", False)
    yield told
    for task in list(queue._running):
        queue.cancel(task)
    queue.set_error("")


def tick_to_the_end(told):
    told.clear()
    while queue._step():
        pass


def test_each_kind_tells_its_own_end(told):
    queue.start(Generating())
    queue.start(Installing(steps=3, outcome="The engine works."))
    assert told == ["ticking"]  # one timer for all
    assert [task.name for task in queue.running()] == ["Plate"]
    assert queue.is_busy("engine") and not queue.is_busy("weights")
    tick_to_the_end(told)
    assert told == [
        "undo",
        ("INFO", "The depth mesh of Plate is ready."),
        ("INFO", "The engine works."),
    ]
    assert not queue.is_busy("engine")


def test_the_panel_keeps_errors_of_the_file_alone(told):
    queue.start(Downloading(error="There is no network."))
    tick_to_the_end(told)
    assert told == [("ERROR", "There is no network.")] and queue.error() == ""
    queue.start(Generating(error="It has no depth."))
    tick_to_the_end(told)
    assert told == [("ERROR", "It has no depth.")] and queue.error() == "It has no depth."


@pytest.mark.parametrize(
    "kind, area, category, width, seen",
    [
        (Generating, "VIEW_3D", "SharpDepth", 280, True),
        (Generating, "IMAGE_EDITOR", "SharpDepth", 280, True),
        (Generating, "VIEW_3D", "SharpDepth", 1, False),  # a sidebar that is closed
        (Generating, "VIEW_3D", "View", 280, False),
        (Generating, "PREFERENCES", "", 280, False),
        (Installing, "PREFERENCES", "", 280, True),
        (Downloading, "VIEW_3D", "SharpDepth", 280, False),
    ],
)
def test_an_error_is_told_once(told, monkeypatch, kind, area, category, width, seen):
    """Where it stays if that is on the screen, else by a notice."""
    region = SimpleNamespace(type="UI", width=width, active_panel_category=category)
    screen = SimpleNamespace(areas=[SimpleNamespace(type=area, regions=[region])])
    monkeypatch.setattr(watched, "_windows", lambda: [SimpleNamespace(screen=screen)])
    queue.start(kind(error="It failed."))
    tick_to_the_end(told)
    assert told == ([] if seen else [("ERROR", "It failed.")])


def test_another_file_ends_what_was_for_this_one(told):
    generating, downloading = Generating(), Downloading()
    queue.start(generating)
    queue.start(downloading)
    told.clear()
    queue.cancel_all()
    assert generating.over and not downloading.over
    assert "closed" not in told  # the engine is still at the download
    tick_to_the_end(told)
    queue.cancel_all()
    assert "closed" in told


def test_what_its_operator_cancels_takes_no_step_and_says_so(told):
    task = Installing()
    queue.start(task)
    task.cancel()
    task.outcome = "Cancelled."
    tick_to_the_end(told)
    assert told == [("INFO", "Cancelled.")] and task.left == 2
