"""The camera of a picture that nobody knows anything about."""

from math import radians, tan

from .grid import Intrinsics

DEFAULT_FIELD_OF_VIEW = 60.0  # degrees across the longer side


def assume_intrinsics(height: int, width: int) -> Intrinsics:
    """Square pixels, centred, `DEFAULT_FIELD_OF_VIEW` across the longer side."""
    focal = max(height, width) / 2 / tan(radians(DEFAULT_FIELD_OF_VIEW) / 2)
    return focal, focal, width / 2, height / 2
