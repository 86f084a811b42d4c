"""Generations: those that go on beside the user's work, in their order."""

import bpy
from bpy.app.translations import pgettext_rpt

from ..scene.fields import remove_unused_groups
from .generation import Generation, remove_previews
from .notice import show_notice
from .session import close_engine
from .ticking import keep_ticking, redraw

_running: list[Generation] = []
_problem = ""


def running() -> list[Generation]:
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


def start(generation: Generation) -> None:
    """Have a generation go on beside the user's work."""
    _running.append(generation)
    if len(_running) == 1:
        keep_ticking(_step)


def cancel(generation: Generation) -> None:
    """Stop one of those that are running."""
    generation.cancel()
    _running.remove(generation)
    _tidy()


def cancel_all() -> None:
    """Stop everything and end the engine's process, as the file is closed."""
    for generation in running():
        cancel(generation)
    note_problem("")
    close_engine()


def _step() -> bool:
    for generation in running():
        generation.step()
        if generation.over:
            _running.remove(generation)
            _finish(generation)
    _tidy()
    return bool(_running)


def _tidy() -> None:
    """Remove the node groups that were made in advance, where nothing came of it."""
    if not _running:
        remove_unused_groups()


def _finish(generation: Generation) -> None:
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
def _before_another_file(*_) -> None:
    cancel_all()


@bpy.app.handlers.persistent
def _after_undo(*_) -> None:
    remove_previews(_running)


def register() -> None:
    """Listen for what happens to the file."""
    bpy.app.handlers.load_pre.append(_before_another_file)
    bpy.app.handlers.undo_post.append(_after_undo)
    bpy.app.handlers.redo_post.append(_after_undo)


def unregister() -> None:
    """Stop everything, and listen no more."""
    cancel_all()
    bpy.app.handlers.load_pre.remove(_before_another_file)
    bpy.app.handlers.undo_post.remove(_after_undo)
    bpy.app.handlers.redo_post.remove(_after_undo)
