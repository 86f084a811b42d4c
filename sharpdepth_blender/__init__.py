"""SharpDepth for Blender: a picture becomes a sharp, metric depth mesh.

Importing this package needs neither bpy nor torch: Blender's side is imported by `register` and by
the first use of a tool such as `generate`, the engine by the child process that runs it. The tools
for scripts are those of `sharpdepth_blender.api`.
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
    """Register the add-on with the Blender that calls."""
    from . import cli, ui

    ui.register()
    cli.register()


def unregister() -> None:
    """Take back everything that `register` added."""
    from . import cli, ui

    cli.unregister()
    ui.unregister()
