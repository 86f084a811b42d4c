"""Layer update: layers follow their settings, coarsely during a drag, then in full."""

import time

import bpy

from ..scene import SceneError
from ..scene.layers import (
    change_layers,
    is_current,
    is_layers,
    keep_cut,
    layers_cut,
    read_plate,
)
from ..scene.uids import find_by_uid
from . import queue
from .task import Task

_REST = 0.6  # seconds without a change after which layers are cut in full
_errors: dict[int, str] = {}


class LayerUpdate(Task):
    """Layers that follow their settings: a draft after each change, all pixels after a rest.

    It is over soon after the last change. What cannot be cut is told by `error`, the function.

    Args:
        rig: Empty that holds layers.

    Attributes:
        uid: Session uid of the rig.

    Raises:
        LayersError: An image is gone.
    """

    kind = "layers"

    def __init__(self, rig: bpy.types.Object):
        super().__init__(rig.name)
        self.uid = rig.session_uid
        self._plate = read_plate(rig)
        self._draft_of = None  # the cut that a draft shows
        self.note_change()

    @property
    def waiting(self) -> bool:
        """Never: a change of the settings is to be seen at once."""
        return False

    def note_change(self) -> None:
        """Wait for a rest from now on, as a setting has changed."""
        self._changed = time.monotonic()

    def finish(self) -> None:
        """Cut in full what is still a draft."""
        if rig := self._find():
            _change(rig, layers_cut(rig), self._plate, whole=False)
        self._end()

    def _go_on(self):
        rig = self._find()
        if rig is None or time.monotonic() - self._changed >= _REST:
            self.finish()
        elif self._draft_of != (cut := layers_cut(rig)):
            self._draft_of = cut
            _change(rig, cut, self._plate, draft=True, whole=False)

    def _find(self):
        rig = find_by_uid(bpy.data.objects, self.uid)
        return rig if is_layers(rig) else None


def update_layers(rig: bpy.types.Object, cut, whole: bool = True) -> None:
    """Cut a set of layers anew: at once where there is no window, else in a moment.

    Args:
        rig: Empty that holds layers.
        cut: geometry.layers.Cut.
        whole: Whether all of them are cut together, or only those of which the cut says else.
    """
    key = rig.session_uid
    _errors.pop(key, None)
    if _in_background():
        _change(rig, cut, whole=whole)
        return
    if update := next((each for each in _updates() if each.uid == key), None):
        update.note_change()
    else:
        try:
            queue.start(LayerUpdate(rig))
        except SceneError as error:
            _errors[key] = str(error)
            return
    keep_cut(rig, cut, whole)


def finish_drafts() -> None:
    """Cut in full what is still a draft."""
    for update in _updates():
        update.finish()


def error(rig: bpy.types.Object) -> str:
    """Why the layers could not be cut as they are set, or nothing."""
    return _errors.get(rig.session_uid, "")


def set_error(rig: bpy.types.Object, sentence: str) -> None:
    """Have `error` tell a sentence until the next change."""
    _errors[rig.session_uid] = sentence


def _in_background() -> bool:
    """Whether no timer would ever be called."""
    return bpy.app.background


def _updates() -> list[LayerUpdate]:
    return [each for each in queue.running(LayerUpdate.kind) if not each.over]


def _change(rig, cut, plate=None, draft=False, whole=True):
    try:
        change_layers(rig, cut, plate, draft, whole)
    except SceneError as error:
        _errors[rig.session_uid] = str(error)


@bpy.app.handlers.persistent
def _finish(*_):
    """Cut in full what is still a draft, before it is saved."""
    finish_drafts()


@bpy.app.handlers.persistent
def _follow_undo(*_):
    """Undo takes the settings back, and Blender keeps the pixels that images have in memory."""
    for obj in bpy.data.objects:
        if is_layers(obj) and not is_current(obj):
            update_layers(obj, layers_cut(obj), whole=False)


@bpy.app.handlers.persistent
def _forget(*_):
    for update in _updates():
        update.cancel()
    _errors.clear()


_HANDLERS = (
    ("save_pre", _finish),
    ("undo_post", _follow_undo),
    ("redo_post", _follow_undo),
    ("load_pre", _forget),
)


def register() -> None:
    """Follow undo, and be done before a file is saved."""
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """Finish what is a draft, and follow no more."""
    _finish()
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(handler)
    _forget()
