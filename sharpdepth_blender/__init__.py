"""SharpDepth for Blender: a picture becomes a sharp, metric depth mesh.

Importing this package needs neither bpy nor torch: Blender's side is imported by
`register`, the engine by the child process that runs it.
"""


def register() -> None:
    """Register the add-on with the Blender that calls."""
    from . import cli, ui

    ui.register()
    cli.register()


def unregister() -> None:
    """Take back everything that `register` added."""
    from . import cli, ui

    cli.unregister()
    ui.unregister()
