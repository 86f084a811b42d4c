"""Script: what a tool needs that one calls: the scene that is meant, and to wait for the end."""

from collections.abc import Callable

import bpy

from ..tasks import queue
from ..tasks.task import Task

Show = Callable[[float, str], None]


def current_scene() -> bpy.types.Scene:
    """The scene that is meant where none is given."""
    scene = bpy.context.scene
    assert scene is not None
    return scene


def see_through(task: Task, show: Show) -> None:
    """See a task to its end, and raise what stopped it."""
    try:
        task.run(show)
    except BaseException:
        task.cancel()
        raise
    finally:
        queue.tidy()
    if task.fault:
        raise task.fault
