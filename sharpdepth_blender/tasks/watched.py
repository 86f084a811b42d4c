"""Watched: whether the place that shows a task's error is on the screen."""

import bpy

CATEGORY = "SharpDepth"  # tab of the sidebars with the panels
_SIDEBARS = ("VIEW_3D", "IMAGE_EDITOR")


def is_watched(kind: str) -> bool:
    """Whether a window shows the place where errors of a kind of tasks stay.

    Args:
        kind: `scene` is shown by the panel, `engine` and `weights` by the preferences.
    """
    areas = [area for window in _windows() for area in window.screen.areas]
    if kind in ("engine", "weights"):
        return any(area.type == "PREFERENCES" for area in areas)
    return kind == "scene" and any(
        region.type == "UI" and region.width > 1 and _category(region) == CATEGORY
        for area in areas
        if area.type in _SIDEBARS
        for region in area.regions
    )


def _windows():
    return bpy.context.window_manager.windows


def _category(region):
    """The tab that a sidebar shows; a region without tabs has none to ask for."""
    return getattr(region, "active_panel_category", "")
