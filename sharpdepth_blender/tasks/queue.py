"""Queue: what goes on beside the user's work, in its order."""

import time
import traceback
from collections.abc import Callable

import bpy
from bpy.app.translations import pgettext_rpt

from ..scene import SceneError
from ..scene.node_groups import remove_unused_groups
from .errors import NotReady
from .generate import remove_previews
from .get_weights import weights_task
from .notice import show_notice
from .session import close_engine
from .task import Task
from .timer import keep_ticking, redraw

_running: list[Task] = []
_error = ""
_ticking = False


def running() -> list[Task]:
    """Those that are not over; the first is at work, the others wait for it."""
    return list(_running)


def error() -> str:
    """Why the last one came to nothing, as one sentence; empty when it did not."""
    return _error


def set_error(sentence: str) -> None:
    """Have the panel say why nothing came of it, until the next one starts."""
    global _error
    _error = sentence
    redraw()


def run_task(operator: bpy.types.Operator, begin: Callable[[], Task]) -> set[str]:
    """Begin for an operator what goes on beside the user's work, or in background mode do it all.

    Args:
        operator: To which errors are reported.
        begin: Begins it; may raise SceneError and NotReady.

    Returns:
        What the operator is to answer.
    """
    set_error("")
    try:
        work = begin()
    except (SceneError, NotReady) as error:
        set_error(str(error))
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    if not bpy.app.background:
        start(work)
        return {"FINISHED"}
    work.run()
    remove_unused_groups()
    if work.error:
        print(work.log)
        operator.report({"ERROR"}, work.error)
        return {"CANCELLED"}
    return {"FINISHED"}


def start(generation: Task) -> None:
    """Have a generation go on beside the user's work."""
    global _ticking
    _running.append(generation)
    if not _ticking:
        _ticking = True
        keep_ticking(_step)


def cancel(generation: Task) -> None:
    """Stop one of those that are running."""
    _running.remove(generation)
    generation.cancel()
    _tidy()


def cancel_all() -> None:
    """Stop everything and end the engine's process, as the file is closed.

    Weights that are on their way have nothing to do with the file; their process stays.
    """
    for generation in running():
        cancel(generation)
    set_error("")
    if not weights_task.running:
        close_engine()


def _step() -> bool:
    global _ticking
    for generation in running():
        generation.step()
        if generation.over:
            _running.remove(generation)
            try:
                _finish(generation)
            except Exception:  # a fault of ours, which must not stop those that wait
                traceback.print_exc()
    _tidy()
    _ticking = bool(_running)
    return _ticking


def _tidy() -> None:
    """Remove the node groups that were made in advance, where nothing came of it."""
    if not _running:
        remove_unused_groups()


def _finish(generation: Task) -> None:
    if generation.error is None:
        _push_undo()
        show_notice(
            "INFO", pgettext_rpt("The depth mesh of {name} is ready.").format(name=generation.name)
        )
    else:
        if generation.log:
            print(generation.log)
        set_error(generation.error)
        show_notice("ERROR", generation.error)


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
    for generation in _running:
        generation.after_undo()
    remove_previews(_running)


def register() -> None:
    """Listen for what happens to the file."""
    bpy.app.handlers.load_post.append(_after_another_file)
    bpy.app.handlers.undo_post.append(_after_undo)
    bpy.app.handlers.redo_post.append(_after_undo)


def unregister() -> None:
    """Stop everything, and listen no more."""
    cancel_all()
    bpy.app.handlers.load_post.remove(_after_another_file)
    bpy.app.handlers.undo_post.remove(_after_undo)
    bpy.app.handlers.redo_post.remove(_after_undo)


_PAUSE = 0.05  # seconds between two looks


def follow(operator: bpy.types.Operator, work) -> set[str]:
    """See work to its end, and report that; the answer is the operator's.

    In background mode the operator takes as long as the work does.

    Args:
        operator: Has started the work.
        work: Has `running`, `step`, `error` and `outcome`.
    """
    if work.running and not bpy.app.background:
        keep_ticking(lambda: _go_on(work))
        redraw()
        return {"FINISHED"}
    while work.step():
        time.sleep(_PAUSE)
    redraw()
    if work.error:
        operator.report({"ERROR"}, work.error)
        return {"CANCELLED"}
    operator.report({"INFO"}, work.outcome)
    return {"FINISHED"}


def _go_on(work) -> bool:
    if work.step():
        return True
    if work.error or work.outcome:
        show_notice("ERROR" if work.error else "INFO", work.error or work.outcome)
    return False
