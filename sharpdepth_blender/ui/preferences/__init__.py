"""Preferences: the engine, the weights, and what the engine computes on."""

import bpy

from .addon import SharpDepthPreferences
from .engine_operators import ENGINE_OPERATORS
from .weights_operators import WEIGHTS_OPERATORS

_CLASSES = (*ENGINE_OPERATORS, *WEIGHTS_OPERATORS, SharpDepthPreferences)


def register() -> None:
    """Show them."""
    for each in _CLASSES:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Take them away."""
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
