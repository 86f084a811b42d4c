"""What Blender is told of the preferences."""

import bpy

from .addon import SharpDepthPreferences
from .delivery import weights_delivery
from .engine_operators import ENGINE_OPERATORS
from .upkeep import engine_upkeep
from .weights_operators import WEIGHTS_OPERATORS

_CLASSES = (*ENGINE_OPERATORS, *WEIGHTS_OPERATORS, SharpDepthPreferences)


def register() -> None:
    """Show them."""
    for each in _CLASSES:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Take them away; an installation or a download that goes on is cancelled."""
    for work in (engine_upkeep, weights_delivery):
        work.cancel()
        work.reset()
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
