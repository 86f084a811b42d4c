"""The add-on's user interface: panels, operators, settings and preferences."""

import bpy

from ..tasks import following, queue
from ..tasks.notice import SHARPDEPTH_OT_notice
from . import keymap, layer_list, layer_settings, operators, panels, preferences, settings
from .file_handler import SHARPDEPTH_FH_picture

_ROOMS = (
    preferences,
    settings,
    following,
    queue,  # so that drafts are finished before it ends
    layer_settings,
    layer_list,
    operators,
    panels,
    keymap,
)
_CLASSES = (SHARPDEPTH_OT_notice, SHARPDEPTH_FH_picture)


def register() -> None:
    """Register everything."""
    for each in _CLASSES:
        bpy.utils.register_class(each)
    for room in _ROOMS:
        room.register()


def unregister() -> None:
    """Unregister everything and cancel running generations."""
    for room in reversed(_ROOMS):
        room.unregister()
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
