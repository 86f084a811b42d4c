"""The weights library: catalogue, storage and download of weights.

Uses the standard library only, except for `download`, which needs the engine's environment.
"""

from .catalogue import (
    INPAINTER,
    LICENSES,
    MEASURED,
    PRESETS,
    USES,
    WEIGHTS,
    Bundled,
    Hub,
    Preset,
    Release,
    Use,
    Weights,
)
from .contents import Convert
from .errors import LibraryError
from .library import InstalledWeights, Library, size_of

__all__ = [
    "INPAINTER",
    "LICENSES",
    "MEASURED",
    "PRESETS",
    "USES",
    "WEIGHTS",
    "Bundled",
    "Convert",
    "Hub",
    "LibraryError",
    "Preset",
    "Release",
    "Library",
    "InstalledWeights",
    "Use",
    "Weights",
    "size_of",
]
