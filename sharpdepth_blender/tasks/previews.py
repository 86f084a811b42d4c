"""Previews: objects that show the metric depth alone, until the sharpened one comes."""

from collections.abc import Sequence

import bpy

from ..scene import remove_result
from .task import SceneTask

# Their session uids. Undo may bring one back whose generation is over.
_previews: set[int] = set()


def mark_preview(obj: bpy.types.Object) -> None:
    """Tell an object to be one."""
    _previews.add(obj.session_uid)


def unmark_preview(obj: bpy.types.Object) -> None:
    """Tell an object to be one no more, as it has its sharpened depth."""
    _previews.discard(obj.session_uid)


def is_preview(obj: bpy.types.Object) -> bool:
    """Whether an object still waits for its sharpened depth."""
    return obj.session_uid in _previews


def remove_previews(running: Sequence[SceneTask]) -> None:
    """Remove what shows metric depth for a generation that is over, as undo may bring it back."""
    over = _previews - {task.result for task in running}
    for obj in [obj for obj in bpy.data.objects if obj.session_uid in over]:
        remove_result(obj)
