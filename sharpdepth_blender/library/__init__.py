"""The weights library: which weights there are, where they lie, and how they get there.

Standard library only, but for `download`, which needs the engine's environment.
"""

from .catalogue import PRESETS, WEIGHTS, Bundled, Hub, Preset, Release, Weights
from .errors import LibraryError
from .library import InstalledWeights, Library, size_of

__all__ = [
    "PRESETS",
    "WEIGHTS",
    "Bundled",
    "Hub",
    "LibraryError",
    "Preset",
    "Release",
    "Library",
    "InstalledWeights",
    "Weights",
    "size_of",
]
