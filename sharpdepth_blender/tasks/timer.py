"""Timer: short steps on Blender's main thread."""

from collections.abc import Callable

import bpy

_INTERVAL = 0.1  # seconds; ten updates per second look smooth
# Regions that show progress, without the viewport itself, which may be slow to draw.
_SHOWN_IN = {("VIEW_3D", "UI"), ("IMAGE_EDITOR", "UI"), ("PREFERENCES", "WINDOW")}


def keep_ticking(work: Callable[[], bool]) -> None:
    """Call `work` periodically until it returns False.

    It continues when another file is loaded, and ends on an exception.

    Args:
        work: One step of a few milliseconds; returns whether there is more to do.
    """

    def step() -> float | None:
        more = work()
        redraw()
        return _INTERVAL if more else None

    bpy.app.timers.register(step, first_interval=_INTERVAL, persistent=True)


def redraw() -> None:
    """Redraw all regions that show progress."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            for region in area.regions:
                if (area.type, region.type) in _SHOWN_IN:
                    region.tag_redraw()
