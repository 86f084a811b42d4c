"""Handlers: functions of ours in Blender's lists of handlers."""

from collections.abc import Callable, Sequence

import bpy

# Names of Blender's lists, and the function that goes in each.
Handlers = Sequence[tuple[str, Callable[..., None]]]


def add_handlers(handlers: Handlers, first: bool = False) -> None:
    """Have functions called, after all others or before them; those that are there stay."""
    for name, function in handlers:
        functions = getattr(bpy.app.handlers, name)
        if function not in functions:
            functions.insert(0 if first else len(functions), function)


def remove_handlers(handlers: Handlers) -> None:
    """Have them called no more."""
    for name, function in handlers:
        functions = getattr(bpy.app.handlers, name)
        if function in functions:
            functions.remove(function)
