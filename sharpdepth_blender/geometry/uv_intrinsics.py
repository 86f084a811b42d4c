"""UV intrinsics: the lens that a surface's places in a picture tell."""

import numpy as np

from .intrinsics import Intrinsics

# Tangents that a surface spans at least, to tell anything.
_LEAST = 1e-6


def intrinsics_of_uvs(
    points: np.ndarray, uvs: np.ndarray, width: int, height: int, tolerance: float
) -> Intrinsics | None:
    """Intrinsics of the camera at the origin that sees points where their UVs are.

    Each axis is fitted to the two points that are farthest apart along it.

    Args:
        points: (N, 3) in Blender's camera space, N > 0, all in front of the camera: z < 0.
        uvs: (N, 2) of them, u to the right and v upwards.
        width: Of the picture in pixels.
        height: Likewise.
        tolerance: Pixels along an axis by which a UV may be off.

    Returns:
        Intrinsics of the picture; None where no camera sees them so.
    """
    numbers: list[float] = []
    for axis, side in ((0, width), (1, height)):
        slope = points[:, axis].astype(np.float64) / -points[:, 2]
        place = uvs[:, axis].astype(np.float64) * side
        low, high = slope.argmin(), slope.argmax()
        if not slope[high] - slope[low] >= _LEAST:  # nor NaN
            return None
        focal = (place[high] - place[low]) / (slope[high] - slope[low])
        center = place[low] - focal * slope[low]
        off = np.abs(focal * slope + center - place).max()
        if not (focal > 0 and off <= tolerance):
            return None
        numbers += [focal, center]
    return Intrinsics(numbers[0], numbers[2], numbers[1], height - numbers[3], width, height)
