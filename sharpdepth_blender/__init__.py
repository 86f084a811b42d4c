"""SharpDepth for Blender: turns a picture into a sharp, metric depth mesh.

Importing this package requires neither bpy nor torch: `register` and the first use of a tool such
as `generate` import the Blender side, and the child process that runs the engine imports the
engine. The tools for scripts are those of `sharpdepth_blender.api`.
"""

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    """A tool of `api`, imported when it is first asked for."""
    if not name.startswith("_"):
        tools = importlib.import_module(f"{__name__}.api")
        if name in tools.__all__:
            return getattr(tools, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
