"""The command line, `blender --command sharpdepth`; one file per command."""

import bpy

from . import main

_commands = []


def register() -> None:
    """Register the command `sharpdepth` with Blender."""
    _commands.append(bpy.utils.register_cli_command("sharpdepth", main.main))


def unregister() -> None:
    """Undo `register`."""
    while _commands:
        bpy.utils.unregister_cli_command(_commands.pop())
