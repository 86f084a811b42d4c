"""Queue: background tasks in order."""

import traceback
from collections.abc import Callable

import bpy
from bpy.app.translations import pgettext_rpt

from ..scene import SceneError
from ..scene.node_groups import remove_unused_groups
from .errors import NotReady
from .handlers import add_handlers, remove_handlers
from .notice import show_notice
from .previews import remove_previews
from .session import close_engine
from .task import SceneTask, Task
from .timer import SOON, keep_ticking, redraw
from .watched import is_watched

_INTERVAL = 0.1  # seconds; a bar that moves ten times a second looks alive
_running: list[Task] = []
_latest: dict[str, Task] = {}
_error = ""
_ticking = False


def running(kind: str = "scene") -> list[Task]:
    """Those of a kind that are not over.

    All take their steps in turn. Of the kind `scene` the engine works on the first, and the others
    wait for it.
    """
    return [task for task in _running if task.kind == kind]


def is_busy(kind: str) -> bool:
    """Whether a task of a kind goes on."""
    return bool(running(kind))


def latest(kind: str) -> Task | None:
    """Return the last task of a kind started by an operator, finished or not."""
    return _latest.get(kind)


def error() -> str:
    """Return why the last task for a file failed, as one sentence; empty if it did not."""
    return _error


def set_error(sentence: str) -> None:
    """Show an error in the panel until the next task starts."""
    global _error
    _error = sentence
    redraw()


def run_task(operator: bpy.types.Operator, begin: Callable[[], SceneTask]) -> set[str]:
    """Start a task for the open file and follow it to its end.

    Args:
        operator: Operator that reports errors.
        begin: Creates the task; may raise SceneError and NotReady.

    Returns:
        Return value for the operator.
    """
    set_error("")
    try:
        task = begin()
    except (SceneError, NotReady) as error:
        # Not in the panel, too: it pops up at the pointer, where the button was pressed.
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    return follow(operator, task)


def follow(operator: bpy.types.Operator, task: Task) -> set[str]:
    """Follow a task to its end: in the background, or blocking if there is no window.

    Args:
        operator: Operator that started it and reports its state when this returns.
        task: Any task.

    Returns:
        Return value for the operator.
    """
    _latest[task.kind] = task
    if task.over or bpy.app.background:
        return run_at_once(operator, task)
    start(task)
    redraw()
    return {"FINISHED"}


def run_at_once(operator: bpy.types.Operator, task: Task) -> set[str]:
    """See a task to its end while everything else waits.

    Args:
        operator: Has begun it, and reports what came of it.
        task: Of any kind; it may be over.

    Returns:
        What the operator is to answer.
    """
    task.run()
    tidy()
    redraw()
    if task.error:
        if task.log:
            print(task.log)
        operator.report({"ERROR"}, task.error)
        return {"CANCELLED"}
    for line in task.outcome.splitlines():
        operator.report({task.level}, line)
    return {"FINISHED"}


def start(task: Task) -> None:
    """Have a task go on beside the user's work, soon where it does not wait itself."""
    global _ticking
    _running.append(task)
    if not (_ticking and task.waiting):
        _ticking = True
        keep_ticking(_step)


def cancel(task: Task) -> None:
    """Stop a running task."""
    _running.remove(task)
    task.cancel()
    tidy()


def cancel_all() -> None:
    """Stop all tasks for the file and the engine process, because the file is closed.

    Downloads of weights are independent of the file; their process keeps running.
    """
    for task in running():
        cancel(task)
    set_error("")
    if not is_busy("weights"):
        close_engine()


def _step() -> float | None:
    """Let each task take a step; seconds until the next one."""
    global _ticking
    for task in list(_running):
        if not task.over:  # otherwise its operator has canceled it
            task.step()
        if task.over:
            _running.remove(task)
            try:
                _finish(task)
            except Exception:  # a bug of ours, which must not block the waiting tasks
                traceback.print_exc()
    tidy()
    redraw()
    _ticking = bool(_running)
    if not _ticking:
        return None
    return _INTERVAL if all(task.waiting for task in _running) else SOON


def tidy() -> None:
    """Remove node groups that a task made in advance and that nothing uses, once none goes on."""
    if not running():
        remove_unused_groups()


def _finish(task: Task) -> None:
    if task.error:
        if task.log:
            print(task.log)
        if task.kind == "scene":
            set_error(task.error)
        if not is_watched(task.kind):
            show_notice("ERROR", task.error)
        return
    said = task.outcome
    if task.undo:
        _push_undo(task.undo)
    if task.kind == "scene":
        ready = pgettext_rpt("The depth mesh of {name} is ready.").format(name=task.name)
        said = said or ready
    if said:
        show_notice(task.level, said)


def _push_undo(name: str) -> None:
    """Push a single undo step for what came of a task."""
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window):
        # In other modes, the undo step pushed on leaving them includes the result.
        if bpy.context.mode == "OBJECT":
            bpy.ops.ed.undo_push(message=name)


@bpy.app.handlers.persistent
def _before_another_file(*_) -> None:
    """Stop what works on copies of a scene, while they can still be removed."""
    for task in running("move"):
        cancel(task)


@bpy.app.handlers.persistent
def _after_another_file(*_) -> None:
    cancel_all()


@bpy.app.handlers.persistent
def _after_undo(*_) -> None:
    for task in running():
        task.after_undo()
    remove_previews(running())


_HANDLERS = (
    ("load_pre", _before_another_file),
    ("load_post", _after_another_file),
    ("undo_post", _after_undo),
    ("redo_post", _after_undo),
)


def register() -> None:
    """Install handlers for file load and undo."""
    add_handlers(_HANDLERS)


def unregister() -> None:
    """Stop everything and remove the handlers."""
    cancel_all()
    for task in list(_running):
        cancel(task)
    _latest.clear()
    remove_handlers(_HANDLERS)
