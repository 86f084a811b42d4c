"""Mask watch: layers follow their masks, as those are painted, drawn, animated or written anew."""

import zlib

import bpy
import numpy as np

from ..scene import SceneError
from ..scene.layers import bare_paint, is_layers, masks_of, read_masks
from ..scene.layers.layer_masks import pack_painted
from ..scene.layers.layer_root import kept_images
from ..scene.linked import is_foreign
from . import layer_update
from .handlers import add_handlers, remove_handlers
from .timer import stop_ticking, tick_in_a_window

_PERIOD = 0.5  # seconds
_LONGEST = 240  # pixels of the picture of a mask by which a change is found
_shown: dict[int, int] = {}  # by session uid of a rig: a checksum of its masks
_extended: dict[int, int] = {}  # likewise: of paint that its reliefs have been extended to


def look() -> None:
    """Cut layers anew whose masks differ, or that are painted on where their reliefs end."""
    for rig in [each for each in bpy.data.objects if is_layers(each) and not is_foreign(each)]:
        if bare := bare_paint(rig):
            if _extended.get(rig.session_uid) != bare:
                _extended[rig.session_uid] = bare
                layer_update.follow_masks(rig)
        if not masks_of(rig):
            _shown.pop(rig.session_uid, None)
            continue
        now = _checksum(rig)
        if now is not None and _shown.get(rig.session_uid) not in (None, now):
            layer_update.follow_masks(rig)
        _shown[rig.session_uid] = now or 0


def _checksum(rig):
    try:
        width, height = kept_images(rig)["Picture"].size
        share = min(1, _LONGEST / max(width, height, 1))
        masks = read_masks(rig, max(1, round(width * share)), max(1, round(height * share)))
    except SceneError:
        return None
    told = zlib.crc32(repr(sorted(masks_of(rig).items())).encode())
    for _, values in sorted(masks.items()):
        told = zlib.crc32(np.ascontiguousarray(values).data, told)
    return told


def forget() -> None:
    """Forget by which masks layers were cut."""
    _shown.clear()
    _extended.clear()


def register() -> None:
    """Follow masks."""
    add_handlers(_HANDLERS)
    tick_in_a_window(_tick, _PERIOD)


def unregister() -> None:
    """Follow them no more."""
    remove_handlers(_HANDLERS)
    stop_ticking(_tick)
    forget()


def _tick():
    if not layer_update.is_painting():
        look()
    return _PERIOD


@bpy.app.handlers.persistent
def _follow_frame(*_):
    look()


@bpy.app.handlers.persistent
def _before_save(*_):
    for rig in bpy.data.objects:
        if is_layers(rig) and rig.library is None:
            pack_painted(rig)


@bpy.app.handlers.persistent
def _forget(*_):
    forget()


_HANDLERS = (
    ("frame_change_post", _follow_frame),
    ("save_pre", _before_save),
    ("load_pre", _forget),
)
