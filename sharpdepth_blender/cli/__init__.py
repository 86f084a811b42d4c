"""The command line: `blender --command sharpdepth`, one file a command."""

import bpy

from . import main

_commands = []


def register() -> None:
    """Add the command `sharpdepth` to Blender's."""
    _commands.append(bpy.utils.register_cli_command("sharpdepth", main.main))


def unregister() -> None:
    """Take it away again."""
    while _commands:
        bpy.utils.unregister_cli_command(_commands.pop())
