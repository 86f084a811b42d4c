"""Fit: the plane of most points, whatever the others are."""

from dataclasses import dataclass

import numpy as np

from ..intrinsics import Intrinsics
from ..projection import check_depth, valid_depth
from .plane import Plane

# Relative errors of depth within which a point lies on a plane: at first, and at the least.
LOOSE, FINEST = 0.03, 0.004
# Median errors within which a point still belongs to a plane: three standard deviations.
_SPREADS = 4.45
_SAMPLES, _TRIALS = 4000, 300


@dataclass(frozen=True)
class Fit:
    """A plane and how well it explains a part of a picture.

    Attributes:
        plane: The plane.
        tolerance: Relative error of depth within which pixels count as on it.
        share: Of the pixels that were asked, those on it, 0..1.
        error: Median relative error of depth of those.
    """

    plane: Plane
    tolerance: float
    share: float
    error: float


def fit_plane(depth: np.ndarray, mask: np.ndarray, intrinsics: Intrinsics) -> Fit | None:
    """Find the plane on which most of a part of a picture lies.

    Planes through three pixels are tried (RANSAC, Fischler and Bolles 1981, with a fixed seed),
    and the best is fitted to what lies on it by reweighted least squares (Tukey's biweight), with
    a tolerance that shrinks to the spread of what is on it: so what is off it counts for nothing.

    Args:
        depth: (H, W) z-depth in meters, holes not finite or not above zero.
        mask: (H, W) bool, the part.
        intrinsics: Of the depth map.

    Returns:
        The fit; None where fewer than 3 pixels are known, or all lie on a line.

    Raises:
        ValueError: Depth and intrinsics differ in size.
    """
    depth = check_depth(depth, intrinsics)
    rows, columns = np.nonzero(mask & valid_depth(depth))
    if len(rows) > _SAMPLES:
        # Evenly, by a step that is no divisor of rows: else only some columns would be seen.
        chosen = np.random.default_rng(0).choice(len(rows), _SAMPLES, replace=False)
        rows, columns = rows[chosen], columns[chosen]
    z = depth[rows, columns].astype(np.float64)
    across = (columns + 0.5 - intrinsics.cx) / intrinsics.fx
    down = (rows + 0.5 - intrinsics.cy) / intrinsics.fy
    points = np.stack([z * across, z * down, z], axis=-1)
    if len(points) < 3:
        return None
    tried = planes_through(
        points[np.random.default_rng(1).integers(len(points), size=(_TRIALS, 3))]
    )
    if not len(tried):
        return None
    error = np.abs(tried @ points.T - 1)
    score = np.maximum(1 - (error / LOOSE) ** 2, 0).sum(1)
    return refine(tried[int(score.argmax())], points, LOOSE)


def refine(plane: np.ndarray, points: np.ndarray, tolerance: float) -> Fit | None:
    """Fit a plane to those of some points that lie about it.

    Args:
        plane: (3,) vector to begin with.
        points: (N, 3) as of `points_of`.
        tolerance: Relative error with which a point may still lie on it.

    Returns:
        The fit; None if it has not even three points.
    """
    most = tolerance
    for _ in range(8):
        error = np.abs(points @ plane - 1)
        on = error < tolerance
        if on.sum() < 3:
            return None
        weight = (1 - (error[on] / tolerance) ** 2) ** 2
        weighted = points[on] * weight[:, None]
        try:
            plane = np.linalg.solve(weighted.T @ points[on], weighted.sum(0))
        except np.linalg.LinAlgError:
            return None
        error = np.abs(points @ plane - 1)
        on = error < tolerance
        if not on.any():
            return None
        tolerance = min(most, max(FINEST, _SPREADS * float(np.median(error[on]))))
    on = error < tolerance
    middle = float(np.median(error[on])) if on.any() else 0.0
    return Fit(Plane(*plane.tolist()), tolerance, float(on.mean()), middle)


def planes_through(triples: np.ndarray) -> np.ndarray:
    """(K, 3) planes through those of (N, 3, 3) triples of points that lie on no line."""
    determinant = np.linalg.det(triples)
    size = np.abs(triples).max((1, 2)) ** 3
    triples = triples[np.abs(determinant) > 1e-9 * size]
    return np.linalg.solve(triples, np.ones((len(triples), 3, 1)))[..., 0]
