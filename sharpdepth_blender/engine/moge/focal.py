"""Focal length and depth shift that make a point map, known up to a shift, fit its pixels.

MoGe's points (x, y, z) lack a shift s of z. With it, they are seen at `f · (x, y) / (z + s)`, which
must be where their pixels are (Wang et al., arXiv 2410.19115, section 3.2).
"""

import numpy as np

_SIDE = 64  # samples along each side of the map
_MOST_STEPS = 100
_STEP = 1e-6  # of the numerical derivative, in the unit of z
_ENOUGH = 1e-12  # relative improvement below which the search ends


def find_shift(
    points: np.ndarray, mask: np.ndarray, uv: np.ndarray, focal: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    """Find the shift by least squares, and the focal length where it is not known.

    Args:
        points: (H, W, 3), in any unit.
        mask: (H, W) bool, points to be used.
        uv: (H, W, 2), where the pixels are, from the principal point.
        focal: (2,) along u and v, in the unit of uv; None if unknown, then it is the same for both.

    Returns:
        The focal length, (2,), and the shift. 1 and 0 if fewer than two points are there to tell.
    """
    height, width = mask.shape
    rows = np.arange(_SIDE) * height // _SIDE
    columns = np.arange(_SIDE) * width // _SIDE
    chosen = np.ix_(rows, columns)
    seen = mask[chosen]
    xyz, uv = (each[chosen][seen].astype(np.float64) for each in (points, uv))
    if len(xyz) < 2:
        return np.ones(2) if focal is None else np.asarray(focal), 0.0

    def best(shift):
        """The focal length for a shift, and by how much every pixel is missed."""
        # A point in the plane of the camera is seen nowhere: such a shift is never the best.
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            planar = xyz[:, :2] / (xyz[:, 2:] + shift)
            factor = (planar * uv).sum() / (planar * planar).sum() if focal is None else focal
            return factor, (factor * planar - uv).ravel()

    shift = np.float32(_least(lambda shift: best(shift)[1]))
    factor = best(np.float64(shift))[0]
    return np.broadcast_to(factor, 2).copy(), float(shift)


def _least(miss) -> float:
    """Where the sum of squares of `miss` is least, from 0, by Levenberg and Marquardt's method."""
    place, damping = 0.0, 1e-3
    here = miss(place)
    cost = here @ here
    for _ in range(_MOST_STEPS):
        slope = (miss(place + _STEP) - here) / _STEP
        steepness = slope @ slope
        if not np.isfinite(steepness) or steepness == 0:
            break
        step = -(slope @ here) / (steepness * (1 + damping))
        there = miss(place + step)
        new = there @ there
        if not new < cost:
            damping *= 10
            if damping > 1e10:
                break
            continue
        gained = cost - new
        place, here, cost = place + step, there, new
        damping /= 10
        if gained <= _ENOUGH * cost:
            break
    return place
