"""The weights library: catalogue, storage and download of weights.

Uses the standard library only, except for `download`, which needs the engine's environment.
"""

from .catalogue import PRESETS, WEIGHTS, Bundled, Hub, Preset, Release, Weights
from .contents import Convert
from .errors import LibraryError
from .library import InstalledWeights, Library, size_of

__all__ = [
    "PRESETS",
    "WEIGHTS",
    "Bundled",
    "Convert",
    "Hub",
    "LibraryError",
    "Preset",
    "Release",
    "Library",
    "InstalledWeights",
    "Weights",
    "size_of",
]
