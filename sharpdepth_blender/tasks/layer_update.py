"""Layer update: layers follow their settings, coarsely during a drag, then in full."""

import time

import bpy

from ..scene import SceneError
from ..scene.layers import (
    add_notes,
    change_layers,
    cut_layers,
    is_current,
    is_layers,
    keep_cut,
    keep_paint,
    layers_cut,
    painted_masks,
    read_plate,
)
from ..scene.uids import find_by_uid
from . import queue
from .fill_layers import LayerFill
from .handlers import add_handlers, remove_handlers
from .session import get_engine
from .task import Task

_REST = 0.6  # seconds without a change after which layers are cut in full
_errors: dict[int, str] = {}


class LayerUpdate(Task):
    """Layers that follow their settings: a draft after each change, all pixels after a rest.

    It is over soon after the last change. What cannot be cut is told by `error`, the function.

    Args:
        rig: Empty that holds layers.
        whole: As of `update_layers`.

    Attributes:
        uid: Session uid of the rig.

    Raises:
        LayersError: An image is gone.
    """

    kind = "layers"

    def __init__(self, rig: bpy.types.Object, whole: bool = True):
        super().__init__(rig.name)
        self.uid = rig.session_uid
        self._plate, self._painted = read_plate(rig), painted_masks(rig)
        self._draft_of = None  # the cut that a draft shows
        self._whole = whole
        self.note_change()

    @property
    def waiting(self) -> bool:
        """Never: a change of the settings is to be seen at once."""
        return False

    def note_change(self, whole: bool = False) -> None:
        """Wait for a rest from now on, as a setting has changed, of all layers or only some."""
        self._changed = time.monotonic()
        self._whole |= whole

    def cut_again(self) -> None:
        """Cut in any case, as masks or what is painted have changed."""
        if rig := self._find():
            self._painted = painted_masks(rig)
        self._draft_of = None
        self.note_change()

    def finish(self) -> None:
        """Cut in full what is still a draft."""
        if rig := self._find():
            cut = layers_cut(rig)
            layers = _change(rig, cut, self._plate, painted=self._painted, whole=self._whole)
            _fill_texture(rig, [each.id for each in layers], self._plate)
        self._end()

    def _go_on(self):
        if is_painting():  # a stroke holds on to the mesh that it began on
            self.note_change()
            return
        rig = self._find()
        if rig is None or time.monotonic() - self._changed >= _REST:
            self.finish()
        elif self._draft_of != (cut := layers_cut(rig)):
            self._draft_of = cut
            _change(rig, cut, self._plate, True, self._painted, self._whole)

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
    try:
        # While the rig still tells what its layers were cut from.
        add_notes(rig, keep_paint(rig))
    except SceneError as error:
        _errors[key] = str(error)
        return
    if _in_background():
        _change(rig, cut, whole=whole)
        return
    if update := next((each for each in _updates() if each.uid == key), None):
        update.note_change(whole)
    else:
        try:
            queue.start(LayerUpdate(rig, whole))
        except SceneError as error:
            _errors[key] = str(error)
            return
    keep_cut(rig, cut, whole)


def follow_masks(rig: bpy.types.Object) -> None:
    """Cut a set of layers anew by its masks, as of `update_layers`, or at once while it renders."""
    if bpy.app.is_job_running("RENDER"):  # the next frame would come before a moment
        _change(rig, layers_cut(rig))
        return
    update_layers(rig, layers_cut(rig))
    for update in _updates():
        if update.uid == rig.session_uid:
            update.cut_again()


def fill_texture(rig: bpy.types.Object) -> None:
    """Make texture in the background of the layers that have it, after they were split again."""
    cut = layers_cut(rig)
    _fill_texture(rig, [each.id for each in (*cut.layers, cut.sky)])


def is_painting() -> bool:
    """Whether the user is in the middle of a stroke."""
    manager = bpy.context.window_manager
    running = (each for window in manager.windows for each in window.modal_operators)
    return any(each.bl_idname.startswith("PAINT_OT") for each in running)


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


def _change(rig, cut, plate=None, draft=False, painted=None, whole=True):
    layers = []
    try:
        layers = change_layers(rig, cut, plate, draft, painted, whole)
    except SceneError as error:
        _errors[rig.session_uid] = str(error)
    return layers


def _fill_texture(rig, numbers, plate=None):
    """Make texture of those layers in the background that the cut wants it of."""
    cut = layers_cut(rig)
    wanted = [each for each in numbers if cut.layer(each).fill == "TEXTURE"]
    for task in queue.running(LayerFill.kind):
        if task.uid == rig.session_uid and not task.over:
            queue.cancel(task)  # of a former cut
    if wanted and not _in_background():
        plate = plate or read_plate(rig)
        layers = cut_layers(rig, cut, plate)  # of those that were left alone too
        queue.start(LayerFill(rig, layers, plate.is_linear, get_engine(), wanted))


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
    for task in (*_updates(), *queue.running(LayerFill.kind)):
        task.cancel()
    _errors.clear()


_HANDLERS = (
    ("save_pre", _finish),
    ("undo_post", _follow_undo),
    ("redo_post", _follow_undo),
    ("load_pre", _forget),
)


def register() -> None:
    """Follow undo, and be done before a file is saved."""
    add_handlers(_HANDLERS)


def unregister() -> None:
    """Finish what is a draft, and follow no more."""
    _finish()
    remove_handlers(_HANDLERS)
    _forget()
