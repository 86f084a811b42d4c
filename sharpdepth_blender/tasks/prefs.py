"""Prefs: values of the add-on's preferences."""

from dataclasses import dataclass

import bpy

_ROOT = __package__.rpartition(".")[0]
# The add-on is the folder around the package, unless the package is imported on its own.
ADDON = _ROOT.rpartition(".")[0] or _ROOT


@dataclass(frozen=True)
class Choices:
    """Values of the preferences, with their defaults.

    Attributes:
        engine: Environment folder or interpreter; empty for the default.
        models: Folder of the weights library; empty for the default.
        idle_minutes: Idle minutes after which the engine process is stopped.
        device: `auto`, `cpu`, `cuda` or `mps`.
    """

    engine: str = ""
    models: str = ""
    idle_minutes: int = 10
    device: str = "auto"


DEFAULTS = Choices()


def get_preferences():
    """Return the add-on's preferences, or the defaults if the add-on is not enabled."""
    addon = bpy.context.preferences.addons.get(ADDON)
    return getattr(addon, "preferences", None) or DEFAULTS
