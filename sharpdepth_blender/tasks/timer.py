"""Timer: short steps on Blender's main thread."""

from collections.abc import Callable

import bpy

SOON = 0.02  # seconds
# Regions that show progress. The viewport beside its sidebar may take long to draw.
_SHOWN_IN = {("VIEW_3D", "UI"), ("IMAGE_EDITOR", "UI"), ("PREFERENCES", "WINDOW")}


def keep_ticking(work: Callable[[], float | None]) -> None:
    """Call `work` soon, and again after as many seconds as it answers, until that is None.

    It goes on when another file is loaded, and ends with an exception. Where it goes on already,
    the next call comes soon.

    Args:
        work: One step, a few milliseconds long.
    """
    stop_ticking(work)
    bpy.app.timers.register(work, first_interval=SOON, persistent=True)


def tick_in_a_window(work: Callable[[], float], period: float) -> None:
    """Call `work` after so many seconds, and again as `keep_ticking`; never in the background."""
    if not bpy.app.background and not bpy.app.timers.is_registered(work):
        bpy.app.timers.register(work, first_interval=period, persistent=True)


def stop_ticking(work: Callable[[], float | None]) -> None:
    """Call `work` no more."""
    if bpy.app.timers.is_registered(work):
        bpy.app.timers.unregister(work)


def redraw() -> None:
    """Redraw all regions that show progress."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            for region in area.regions:
                if (area.type, region.type) in _SHOWN_IN:
                    region.tag_redraw()
