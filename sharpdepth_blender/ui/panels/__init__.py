"""Panels: the SharpDepth tab in the sidebars of the 3D viewport and the Image Editor."""

import bpy

from ...tasks.watched import CATEGORY
from .advanced import AdvancedPanel
from .export import ExportPanel
from .layers import LayersPanel
from .main import MainPanel
from .move import MovePanel
from .projection import ProjectionPanel
from .sequence import SequencePanel
from .surface import SurfacePanel

_AREAS = ("VIEW_3D", "IMAGE_EDITOR")

_INSIDE = (
    AdvancedPanel,
    SurfacePanel,
    SequencePanel,
    ProjectionPanel,
    LayersPanel,
    MovePanel,
    ExportPanel,
)


def _classes_for(area: str) -> list[type]:
    """Return the main panel of an area and its sub-panels, parents first."""
    parent = f"SHARPDEPTH_PT_{area.lower()}"
    made = [_panel(MainPanel, area, parent)]
    for kind in _INSIDE:
        name = f"{parent}_{kind.bl_label.lower().replace(' ', '_')}"
        made.append(_panel(kind, area, name, bl_parent_id=parent))
    return made


def _panel(kind: type, area: str, name: str, **more) -> type:
    where = {"bl_space_type": area, "bl_region_type": "UI", "bl_category": CATEGORY}
    return type(name, (kind, bpy.types.Panel), {"bl_idname": name, **where, **more})


_CLASSES = [each for area in _AREAS for each in _classes_for(area)]


def register() -> None:
    """Register the panels."""
    for each in _CLASSES:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Unregister the panels."""
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
