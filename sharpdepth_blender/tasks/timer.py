"""Timer: short steps on Blender's main thread, beside the user's own work."""

from collections.abc import Callable

import bpy

_INTERVAL = 0.1  # seconds; a bar that moves ten times a second looks alive
# Regions that show progress. The viewport beside its sidebar may take long to draw.
_SHOWN_IN = {("VIEW_3D", "UI"), ("IMAGE_EDITOR", "UI"), ("PREFERENCES", "WINDOW")}


def keep_ticking(work: Callable[[], bool]) -> None:
    """Call `work` again and again, until it returns False.

    It goes on when another file is loaded, and ends with an exception.

    Args:
        work: One step, a few milliseconds long; whether there is more to do.
    """

    def step() -> float | None:
        more = work()
        redraw()
        return _INTERVAL if more else None

    bpy.app.timers.register(step, first_interval=_INTERVAL, persistent=True)


def redraw() -> None:
    """Have everything drawn again that shows how far work has come."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            for region in area.regions:
                if (area.type, region.type) in _SHOWN_IN:
                    region.tag_redraw()
