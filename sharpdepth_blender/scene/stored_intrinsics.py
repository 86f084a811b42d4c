"""Stored intrinsics: those of a picture as the numbers of a custom property."""

from collections.abc import Sequence

from ..geometry import Intrinsics


def stored_intrinsics(intrinsics: Intrinsics) -> list[float]:
    """Intrinsics as a list of numbers."""
    return [*intrinsics, intrinsics.width, intrinsics.height]


def read_intrinsics(stored: Sequence[float]) -> Intrinsics:
    """The intrinsics of `stored_intrinsics`."""
    fx, fy, cx, cy, width, height = stored
    return Intrinsics(fx, fy, cx, cy, int(width), int(height))
