"""SharpDepth for Blender: turns a picture into a sharp, metric depth mesh.

Importing this package requires neither bpy nor torch: `register` imports the Blender side, and the
child process that runs the engine imports the engine.
"""


def register() -> None:
    """Register the add-on."""
    from . import cli, ui

    ui.register()
    cli.register()


def unregister() -> None:
    """Undo `register`."""
    from . import cli, ui

    cli.unregister()
    ui.unregister()
