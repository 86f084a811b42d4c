"""Layer update: layers follow their settings, coarsely during a drag, then in full."""

import time

import bpy

from ..scene import SceneError
from ..scene.layers import change_layers, is_current, is_layers, keep_cut, layers_cut, read_plate
from .timer import redraw

_INTERVAL = 0.05  # seconds between looks at what has changed
_REST = 0.6  # seconds without a change after which layers are cut in full


class _Update:
    """One set of layers that is being changed."""

    def __init__(self, rig):
        self.name = rig.name
        self.plate = read_plate(rig)
        self.draft_of = None  # the cut that a draft shows
        self.changed = time.monotonic()


_updates: dict[int, _Update] = {}
_shown: dict[int, str] = {}  # the cut that each set's pictures in memory are of
_errors: dict[int, str] = {}


def update_layers(rig: bpy.types.Object, cut) -> None:
    """Cut a set of layers anew: at once where there is no window, else in a moment.

    Args:
        rig: Empty that holds layers.
        cut: geometry.layers.Cut.
    """
    key = rig.session_uid
    _errors.pop(key, None)
    if _in_background():
        _try(rig, lambda: change_layers(rig, cut))
        return
    try:
        update = _updates.get(key) or _updates.setdefault(key, _Update(rig))
    except SceneError as error:
        _errors[key] = str(error)
        return
    update.changed = time.monotonic()
    keep_cut(rig, cut)
    if not bpy.app.timers.is_registered(_step):
        bpy.app.timers.register(_step, first_interval=_INTERVAL, persistent=True)


def error(rig: bpy.types.Object) -> str:
    """Why the layers could not be cut as they are set, or nothing."""
    return _errors.get(rig.session_uid, "")


def set_error(rig: bpy.types.Object, sentence: str) -> None:
    """Have `error` tell a sentence until the next change."""
    _errors[rig.session_uid] = sentence


def _in_background() -> bool:
    """Whether no timer would ever be called."""
    return bpy.app.background


def _step() -> float | None:
    now = time.monotonic()
    for key, update in list(_updates.items()):
        rig = _find(key, update)
        if rig is None:
            del _updates[key]
            continue
        cut = layers_cut(rig)
        if now - update.changed >= _REST:
            del _updates[key]
            _try(rig, lambda r=rig, c=cut, u=update: change_layers(r, c, u.plate))
        elif update.draft_of != cut:
            update.draft_of = cut
            _try(rig, lambda r=rig, c=cut, u=update: change_layers(r, c, u.plate, draft=True))
    redraw()
    return _INTERVAL if _updates else None


def _find(key, update):
    rig = bpy.data.objects.get(update.name)
    if rig is None or rig.session_uid != key:
        rig = next((obj for obj in bpy.data.objects if obj.session_uid == key), None)
    return rig if is_layers(rig) else None


def _try(rig, change):
    try:
        change()
    except SceneError as error:
        _errors[rig.session_uid] = str(error)
    _shown[rig.session_uid] = repr(layers_cut(rig))


@bpy.app.handlers.persistent
def _finish(*_):
    """Cut in full what is still a draft, before it is saved."""
    for key, update in list(_updates.items()):
        del _updates[key]
        if rig := _find(key, update):
            _try(rig, lambda r=rig, u=update: change_layers(r, layers_cut(r), u.plate))


@bpy.app.handlers.persistent
def _follow_undo(*_):
    """Undo takes the settings back, and Blender keeps the pixels that images have in memory."""
    for obj in bpy.data.objects:
        if is_layers(obj):
            shown = _shown.get(obj.session_uid)
            cut = layers_cut(obj)
            if not is_current(obj) or (shown is not None and shown != repr(cut)):
                update_layers(obj, cut)


@bpy.app.handlers.persistent
def _forget(*_):
    for kept in (_updates, _shown, _errors):
        kept.clear()


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
    if bpy.app.timers.is_registered(_step):
        bpy.app.timers.unregister(_step)
    _forget()
