"""Camera move: how much of what a picture does not show comes into sight.

A camera that goes from its place by (x, y) sideways and z forward, without turning, sees at pixel
offset `a` from the principal point what was at `a + (f x - a z) / d` when it lies at depth d. So
for every move of length m, whatever its direction, nothing shifts by more than
`m sqrt(f^2 + a^2) / d`; and two things at the same place of the new picture lay apart by no more
than that with `1 / near - 1 / far` for `1 / d`.
"""

import math

from ..intrinsics import Intrinsics


def disocclusion(intrinsics: Intrinsics, move: float, near: float, far: float) -> float:
    """How far behind the edge of a nearer thing something is uncovered, at most.

    Args:
        intrinsics: Of the picture.
        move: Length of the camera's move, in meters.
        near: Depth of the nearer thing in meters; one that the camera may pass hides nothing.
        far: Depth of what is behind it, at most; inf for the sky.

    Returns:
        Pixels.
    """
    most = math.hypot(intrinsics.width, intrinsics.height)
    if move >= near:
        return most
    corner = math.hypot(*(max(pair) for pair in _halves(intrinsics)))
    spread = math.hypot(max(intrinsics.fx, intrinsics.fy), corner)
    return min(most, move * spread * (1 / near - 1 / far))


def overscan(intrinsics: Intrinsics, move: float, near: float) -> tuple[float, ...]:
    """How far beyond each border of the picture a move lets the camera see.

    Args:
        intrinsics: Of the picture.
        move: Length of the move, in meters.
        near: Least depth of what is there, in meters.

    Returns:
        (left, right, top, bottom) pixels.
    """
    focal = (intrinsics.fx, intrinsics.fy)
    return tuple(
        move * math.hypot(focal[axis], half) / near
        for axis, pair in enumerate(_halves(intrinsics))
        for half in pair
    )


def _halves(intrinsics: Intrinsics) -> tuple[tuple[float, float], tuple[float, float]]:
    """From the principal point to the borders: (left, right), (top, bottom)."""
    cx, cy = intrinsics.cx, intrinsics.cy
    across = abs(cx), abs(intrinsics.width - cx)
    return across, (abs(cy), abs(intrinsics.height - cy))
