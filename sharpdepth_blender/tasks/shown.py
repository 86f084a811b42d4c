"""Shown: which cut and plate the pictures of layers in memory are of, which undo leaves alone."""

import bpy

from ..scene.layers import layers_cut, plate_mark

_shown: dict[int, str] = {}


def note_shown(rig: bpy.types.Object) -> None:
    """Take in that a set's pictures in memory are of its cut and its plate, as they are now."""
    _shown[rig.session_uid] = _shown_by(rig)


def is_shown(rig: bpy.types.Object) -> bool:
    """Whether they still are, as far as is known."""
    return _shown.get(rig.session_uid) in (None, _shown_by(rig))


def forget_shown() -> None:
    """Forget all sets, as their file is closed."""
    _shown.clear()


def _shown_by(rig: bpy.types.Object) -> str:
    return f"{layers_cut(rig)!r} {plate_mark(rig)}"
