"""Preferences: engine, weights and device."""

import bpy

from .addon import SharpDepthPreferences
from .allow_online import SHARPDEPTH_OT_allow_online_access
from .engine_operators import ENGINE_OPERATORS
from .weights_operators import WEIGHTS_OPERATORS

_CLASSES = (
    SHARPDEPTH_OT_allow_online_access,
    *ENGINE_OPERATORS,
    *WEIGHTS_OPERATORS,
    SharpDepthPreferences,
)


def register() -> None:
    """Register the preferences."""
    for each in _CLASSES:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Unregister the preferences."""
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
