"""Ticking: work that goes on in short steps on Blender's main thread, beside the user's own."""

from collections.abc import Callable

import bpy

_INTERVAL = 0.1  # seconds; a bar that moves ten times a second looks alive
# Regions that show progress. The viewport beside its sidebar may take long to draw.
_SHOWN_IN = {("VIEW_3D", "UI"), ("IMAGE_EDITOR", "UI"), ("PREFERENCES", "WINDOW")}


def keep_ticking(work: Callable[[], bool]) -> None:
    """Call `work` again and again, until it returns False.

    Timers survive neither an exception nor a file that is loaded; work that has to know of the
    latter hears it from `bpy.app.handlers.load_pre`.

    Args:
        work: One step, a few milliseconds long; whether there is more to do.
    """

    def step() -> float | None:
        more = work()
        redraw()
        return _INTERVAL if more else None

    bpy.app.timers.register(step, first_interval=_INTERVAL)


def redraw() -> None:
    """Have everything drawn again that shows how far work has come."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            for region in area.regions:
                if (area.type, region.type) in _SHOWN_IN:
                    region.tag_redraw()
