"""Meeting: which planes of a picture meet, and which of two is seen beside their line."""

from collections.abc import Sequence

import numpy as np

from .plane import Plane

# Share of the samples of either plane that lie on their own side of the line of intersection.
_SIDED = 0.93
NEARER, FARTHER, APART = 1, -1, 0


def meetings(
    planes: Sequence[Plane], regions: Sequence[np.ndarray], rays: np.ndarray
) -> np.ndarray:
    """Find the pairs of planes that can be one surface, folded along their line of intersection.

    Where walls enclose a room, the nearer of two planes is seen on either side of the line; where
    they are two sides of a box, the farther one.

    Args:
        planes: K planes.
        regions: K (h, w) bool, where each is seen on a grid.
        rays: (h, w, 3) of the samples of the grid.

    Returns:
        (K, K) int8, symmetric: NEARER, FARTHER, or APART where the one lies before the other.
    """
    count = len(planes)
    found = np.full((count, count), APART, np.int8)
    vectors = np.array([plane.vector for plane in planes]).reshape(-1, 3)
    nearer = np.full((count, count), 0.5)
    for one, region in enumerate(regions):
        disparity = rays[region] @ vectors.T
        if len(disparity):
            nearer[one] = (disparity[:, one, None] > disparity).mean(0)
    for one in range(count):
        for other in range(one):
            shares = nearer[one, other], nearer[other, one]
            if min(shares) > _SIDED:
                found[one, other] = found[other, one] = NEARER
            elif max(shares) < 1 - _SIDED:
                found[one, other] = found[other, one] = FARTHER
    return found
