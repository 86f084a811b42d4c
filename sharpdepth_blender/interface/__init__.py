"""What Blender sees of the add-on: for now its command, `blender --command sharpdepth`."""

import bpy

from .commandline import main

_commands = []


def register() -> None:
    """Add the command `sharpdepth`."""
    _commands.append(bpy.utils.register_cli_command("sharpdepth", main))


def unregister() -> None:
    """Take the command away."""
    while _commands:
        bpy.utils.unregister_cli_command(_commands.pop())
