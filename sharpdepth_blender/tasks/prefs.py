"""Prefs: what the user has chosen in the add-on's preferences."""

from dataclasses import dataclass

import bpy

_ROOT = __package__.rpartition(".")[0]
# The add-on is the folder around the package, except where the package is imported by itself.
ADDON = _ROOT.rpartition(".")[0] or _ROOT


@dataclass(frozen=True)
class Choices:
    """The preferences' values, with their defaults.

    Attributes:
        engine: Environment folder or interpreter; empty for the default place.
        models: Folder of the weights library; empty for the default place.
        idle_minutes: Minutes without work after which the engine's process is ended.
        device: `auto`, `cpu`, `cuda` or `mps`.
    """

    engine: str = ""
    models: str = ""
    idle_minutes: int = 10
    device: str = "auto"


DEFAULTS = Choices()


def get_preferences():
    """The add-on's preferences, or their defaults where Blender does not list the add-on."""
    addon = bpy.context.preferences.addons.get(ADDON)
    return getattr(addon, "preferences", None) or DEFAULTS
