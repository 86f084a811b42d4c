"""What Blender sees of the add-on: panels, operators, settings, preferences and a command."""

import bpy

from . import (
    generations,
    keys,
    layer_settings,
    operators,
    panels,
    preferences,
    results,
    settings,
)
from .commandline import main
from .drop import SHARPDEPTH_FH_picture
from .notice import SHARPDEPTH_OT_notice

_ROOMS = (preferences, settings, results, layer_settings, operators, panels, keys, generations)
_CLASSES = (SHARPDEPTH_OT_notice, SHARPDEPTH_FH_picture)
_commands = []


def register() -> None:
    """Add all of it, and the command `sharpdepth`."""
    for each in _CLASSES:
        bpy.utils.register_class(each)
    for room in _ROOMS:
        room.register()
    _commands.append(bpy.utils.register_cli_command("sharpdepth", main))


def unregister() -> None:
    """Take all of it away again; what is being generated is cancelled."""
    while _commands:
        bpy.utils.unregister_cli_command(_commands.pop())
    for room in reversed(_ROOMS):
        room.unregister()
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
