"""Generations: those that go on beside the user's work, in their order."""

import traceback
from collections.abc import Callable

import bpy
from bpy.app.translations import pgettext_rpt

from ..scene import SceneError
from ..scene.node_groups import remove_unused_groups
from .errors import NotReady
from .generation import remove_previews
from .notice import show_notice
from .preferences.delivery import weights_delivery
from .session import close_engine
from .ticking import keep_ticking, redraw
from .work import Work

_running: list[Work] = []
_problem = ""
_ticking = False


def running() -> list[Work]:
    """Those that are not over; the first is at work, the others wait for it."""
    return list(_running)


def problem() -> str:
    """Why the last one came to nothing, as one sentence; empty when it did not."""
    return _problem


def note_problem(sentence: str) -> None:
    """Have the panel say why nothing came of it, until the next one starts."""
    global _problem
    _problem = sentence
    redraw()


def carry_out(operator: bpy.types.Operator, begin: Callable[[], Work]) -> set[str]:
    """Begin for an operator what goes on beside the user's work, or in background mode do it all.

    Args:
        operator: To which errors are reported.
        begin: Begins it; may raise SceneError and NotReady.

    Returns:
        What the operator is to answer.
    """
    note_problem("")
    try:
        work = begin()
    except (SceneError, NotReady) as error:
        note_problem(str(error))
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


def start(generation: Work) -> None:
    """Have a generation go on beside the user's work."""
    global _ticking
    _running.append(generation)
    if not _ticking:
        _ticking = True
        keep_ticking(_step)


def cancel(generation: Work) -> None:
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
    note_problem("")
    if not weights_delivery.running:
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


def _finish(generation: Work) -> None:
    if generation.error is None:
        _push_undo()
        show_notice(
            "INFO", pgettext_rpt("The depth mesh of {name} is ready.").format(name=generation.name)
        )
    else:
        if generation.log:
            print(generation.log)
        note_problem(generation.error)
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
