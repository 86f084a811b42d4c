"""Queue: what goes on beside the user's work, in its order."""

import traceback
from collections.abc import Callable

import bpy
from bpy.app.translations import pgettext_rpt

from ..scene import SceneError
from ..scene.node_groups import remove_unused_groups
from .errors import NotReady
from .generate import remove_previews
from .notice import show_notice
from .session import close_engine
from .task import SceneTask, Task
from .timer import SOON, keep_ticking, redraw

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
    """The last task of a kind that an operator began, over or not."""
    return _latest.get(kind)


def error() -> str:
    """Why the last one for a file came to nothing, as one sentence; empty when it did not."""
    return _error


def set_error(sentence: str) -> None:
    """Have the panel say why nothing came of it, until the next one starts."""
    global _error
    _error = sentence
    redraw()


def run_task(operator: bpy.types.Operator, begin: Callable[[], SceneTask]) -> set[str]:
    """Begin a task for the open file, and see it to its end.

    Args:
        operator: To which errors are reported.
        begin: Begins it; may raise SceneError and NotReady.

    Returns:
        What the operator is to answer.
    """
    set_error("")
    try:
        task = begin()
    except (SceneError, NotReady) as error:
        set_error(str(error))
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    return follow(operator, task)


def follow(operator: bpy.types.Operator, task: Task) -> set[str]:
    """See a task to its end: beside the user's work, or at once where there is no window.

    Args:
        operator: Has begun it, and reports what is known of it when this returns.
        task: Of any kind.

    Returns:
        What the operator is to answer.
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
    _tidy()
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
    """Stop one of those that are running."""
    _running.remove(task)
    task.cancel()
    _tidy()


def cancel_all() -> None:
    """Stop everything for the file and end the engine's process, as the file is closed.

    Weights that are on their way have nothing to do with the file; their process stays.
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
        if not task.over:  # else its operator has cancelled it
            task.step()
        if task.over:
            _running.remove(task)
            try:
                _finish(task)
            except Exception:  # a fault of ours, which must not stop those that wait
                traceback.print_exc()
    _tidy()
    redraw()
    _ticking = bool(_running)
    if not _ticking:
        return None
    return _INTERVAL if all(task.waiting for task in _running) else SOON


def _tidy() -> None:
    """Remove the node groups that were made in advance, where nothing came of it."""
    if not running():
        remove_unused_groups()


def _finish(task: Task) -> None:
    if task.error:
        if task.log:
            print(task.log)
        if task.kind == "scene":
            set_error(task.error)
        show_notice("ERROR", task.error)
        return
    said = task.outcome
    if task.kind == "scene":
        _push_undo()
        ready = pgettext_rpt("The depth mesh of {name} is ready.").format(name=task.name)
        said = said or ready
    if said:
        show_notice(task.level, said)


def _push_undo() -> None:
    """Make all that came of it one step, of the user's own undo."""
    window = bpy.context.window_manager.windows[0]
    with bpy.context.temp_override(window=window):
        # In other modes the step to come when the user leaves them holds the result as well.
        if bpy.context.mode == "OBJECT":
            bpy.ops.ed.undo_push(message="Generate Depth Mesh")


@bpy.app.handlers.persistent
def _after_another_file(*_) -> None:
    cancel_all()


@bpy.app.handlers.persistent
def _after_undo(*_) -> None:
    for task in running():
        task.after_undo()
    remove_previews(running())


def register() -> None:
    """Listen for what happens to the file."""
    bpy.app.handlers.load_post.append(_after_another_file)
    bpy.app.handlers.undo_post.append(_after_undo)
    bpy.app.handlers.redo_post.append(_after_undo)


def unregister() -> None:
    """Stop everything, and listen no more."""
    cancel_all()
    for task in list(_running):
        cancel(task)
    _latest.clear()
    bpy.app.handlers.load_post.remove(_after_another_file)
    bpy.app.handlers.undo_post.remove(_after_undo)
    bpy.app.handlers.redo_post.remove(_after_undo)
