"""Preferences: the engine, the weights, and what the engine computes on."""

import bpy

from ...tasks.get_weights import weights_task
from ...tasks.install_engine import install_task
from .addon import SharpDepthPreferences
from .engine_operators import ENGINE_OPERATORS
from .weights_operators import WEIGHTS_OPERATORS

_CLASSES = (*ENGINE_OPERATORS, *WEIGHTS_OPERATORS, SharpDepthPreferences)


def register() -> None:
    """Show them."""
    for each in _CLASSES:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Take them away; an installation or a download that goes on is cancelled."""
    for work in (install_task, weights_task):
        work.cancel()
        work.reset()
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
