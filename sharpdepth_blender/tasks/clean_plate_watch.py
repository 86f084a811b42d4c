"""Clean plate watch: files of clean plates follow the .blend, and Blender follows the files."""

import os

import bpy
from bpy.app.translations import pgettext_rpt

from ..scene import SceneError
from ..scene.layers import add_notes, clean_files, is_layers, keep_paint
from ..scene.layers.clean_plate import follow_undo, place_clean_plates, place_overridden
from ..scene.layers.kept_paint import forget_moved, restore_moved
from ..scene.linked import is_foreign
from .handlers import add_handlers, remove_handlers
from .notice import show_notice
from .timer import stop_ticking, tick_in_a_window

_PERIOD = 1.5  # seconds
_seen: dict[int, object] = {}  # of files that were changed, as they were the last time
_refused: dict[int, object] = {}  # of files that could not be read, likewise


def look() -> list[str]:
    """Read clean plates again whose files another program has finished changing.

    Those on which somebody has painted in Blender since are left as they are.

    Returns:
        Sentences for the user.
    """
    told = []
    for image in list(clean_files.clean_plates()):
        key = image.session_uid
        if not clean_files.is_changed_outside(image):
            _seen.pop(key, None)
            continue
        now = clean_files.file_stamp(image)
        if image.is_dirty or _refused.get(key) == now:
            continue
        if _seen.get(key) != now:  # another program may still be writing
            _seen[key] = now
            continue
        _seen.pop(key)
        try:
            clean_files.reload_plate(image)
        except SceneError as error:
            _refused[key] = now
            told.append(str(error))
            continue
        place_clean_plates([image])
        told.append(pgettext_rpt("{image} was changed, and read again.").format(image=image.name))
    return told


def register() -> None:
    """Follow files, undo and saving."""
    add_handlers(_BEFORE_OTHERS, first=True)
    add_handlers(_AFTER_OTHERS)
    tick_in_a_window(_tick, _PERIOD)


def unregister() -> None:
    """Follow them no more."""
    remove_handlers(_BEFORE_OTHERS + _AFTER_OTHERS)
    stop_ticking(_tick)
    _forget()


def _tick():
    if told := look():
        _show("INFO", told)
    return _PERIOD


def _show(level, sentences):
    if bpy.app.background:
        print(*sentences, sep="\n")
    elif bpy.context.window_manager.windows:
        show_notice(level, "\n".join(sentences))


@bpy.app.handlers.persistent
def _before_save(path, *_):
    folder = os.path.dirname(os.path.abspath(path))
    _keep_paint()
    if told := clean_files.store_all(folder, is_first=not bpy.data.filepath):
        _show("WARNING", told)


def _keep_paint():
    """Move paint on cuts to clean plates, as Blender does not save it where it is."""
    for rig in [each for each in bpy.data.objects if is_layers(each) and not is_foreign(each)]:
        try:
            add_notes(rig, keep_paint(rig))
        except SceneError as error:
            _show("WARNING", [str(error)])


@bpy.app.handlers.persistent
def _after_load(*_):
    clean_files.note_new_files()
    place_overridden()


@bpy.app.handlers.persistent
def _after_append(*_):
    clean_files.note_new_files()


@bpy.app.handlers.persistent
def _before_undo(*_):
    clean_files.note_files_before_undo()


@bpy.app.handlers.persistent
def _follow_undo(*_):
    follow_undo()
    for obj in bpy.data.objects:
        if is_layers(obj) and obj.library is None:
            restore_moved(obj)


@bpy.app.handlers.persistent
def _forget(*_):
    clean_files.forget_files()
    forget_moved()
    _seen.clear()
    _refused.clear()


# Paths are made relative, and layers that undo changed are cut anew, afterwards.
_BEFORE_OTHERS = (
    ("save_pre", _before_save),
    ("undo_pre", _before_undo),
    ("redo_pre", _before_undo),
    ("undo_post", _follow_undo),
    ("redo_post", _follow_undo),
)
_AFTER_OTHERS = (
    ("load_pre", _forget),
    ("load_post", _after_load),
    ("blend_import_post", _after_append),
)
