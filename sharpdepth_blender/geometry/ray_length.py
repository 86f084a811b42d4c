"""Ray length: depth that is measured from the camera's center instead of along its axis.

With a pixel's ray r = ((u - cx) / fx, (v - cy) / fy, 1), a point at z-depth z is |r| z away.
"""

from typing import Literal

import numpy as np

from .intrinsics import Intrinsics
from .projection import check_depth
from .sampling import thin

# The longer side at which planes are looked for, the sides of the cells that are averaged against
# noise, and those of windows of cells as shares of the picture's.
_LOOK, _CELL, _SHARES = 256, 8, (0.5, 0.3)
# Relative distances from a plane: of one that is there, and how many times closer than the other
# formula's it has to be.
_FLAT, _CLEARLY = 0.003, 4.0
# Shares of a cell's samples and of a window's cells that have to be there; of those that decide.
_FULL, _MOST = 0.8, 0.8
_LEAST = 3  # windows, and cells along their sides


def depth_of_ray(length: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """Turn ray length into z-depth: z = length / |r|.

    Args:
        length: (H, W) meters, holes 0.
        intrinsics: Of the same size.

    Returns:
        (H, W) float32 meters, holes 0.

    Raises:
        ValueError: The sizes differ.
    """
    length = check_depth(length, intrinsics)
    return (length / _rays(intrinsics)).astype(np.float32)


def length_of_ray(depth: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """The inverse of `depth_of_ray`."""
    return (check_depth(depth, intrinsics) * _rays(intrinsics)).astype(np.float32)


def measured_along(depth: np.ndarray, intrinsics: Intrinsics) -> Literal["ray", "axis"] | None:
    """Tell by the planes in a depth map whether it holds ray length or z-depth.

    1/z of a plane is linear over the picture. In windows all over it a plane is fitted to both
    meanings; where one lies on it and the other is bent, the window votes.

    Args:
        depth: (H, W) meters, holes 0.
        intrinsics: Of the same size.

    Returns:
        The one for which at least three windows vote and, of each five, four; None if unclear.
    """
    if min(depth.shape) < 2:
        return None
    depth, small = thin(depth, intrinsics, _LOOK)
    axis, ray = _cells(depth), _cells(depth / _rays(small))
    rows, columns = axis.shape[:2]
    for_ray = for_axis = 0
    for share in _SHARES:
        tall, wide = round(rows * share), round(columns * share)
        if min(tall, wide) < _LEAST:
            continue
        for top in np.unique(np.linspace(0, rows - tall, 5).astype(int)):
            for left in np.unique(np.linspace(0, columns - wide, 5).astype(int)):
                window = np.s_[top : top + tall, left : left + wide]
                if (axis[window][..., 0] > 0).mean() < _FULL:
                    continue
                bent, straight = _bend(axis[window]), _bend(ray[window])
                for_ray += straight < _FLAT and bent > _CLEARLY * straight
                for_axis += bent < _FLAT and straight > _CLEARLY * bent
    if for_ray >= max(_LEAST, 4 * for_axis):
        return "ray"
    if for_axis >= max(_LEAST, 4 * for_ray):
        return "axis"
    return None


def _rays(intrinsics: Intrinsics) -> np.ndarray:
    """(H, W) lengths of the rays of a picture's pixels."""
    x = (np.arange(intrinsics.width) + 0.5 - intrinsics.cx) / intrinsics.fx
    y = (np.arange(intrinsics.height) + 0.5 - intrinsics.cy) / intrinsics.fy
    return np.sqrt(1 + x[None] ** 2 + y[:, None] ** 2)


def _cells(depth: np.ndarray) -> np.ndarray:
    """(rows, columns, 3) means of 1/z, u and v of square cells; 0 where too little was measured."""
    rows, columns = depth.shape[0] // _CELL, depth.shape[1] // _CELL
    there = depth > 0
    nearness = 1 / np.where(there, depth, 1).astype(np.float64)
    v, u = np.indices(depth.shape)
    sums = [
        (there * each)[: rows * _CELL, : columns * _CELL]
        .reshape(rows, _CELL, columns, _CELL)
        .sum(axis=(1, 3))
        for each in (nearness, u, v, 1)
    ]
    means = np.stack(sums[:3], axis=-1) / np.maximum(sums[3], 1)[..., None]
    return np.where((sums[3] >= _FULL * _CELL**2)[..., None], means, 0)


def _bend(cells: np.ndarray) -> float:
    """How far most cells are from the plane that fits them best, relative to their depth."""
    nearness, u, v = cells[cells[..., 0] > 0].T
    basis = np.stack([u, v, np.full(len(u), _CELL)], axis=1)
    kept = np.ones(len(u), bool)
    for _ in range(3):  # without those that lie on no plane
        plane = np.linalg.lstsq(basis[kept], nearness[kept], rcond=None)[0]
        off = np.abs(basis @ plane - nearness) / nearness
        kept = off <= np.quantile(off, _MOST)
    return float(np.sqrt(np.mean(off[kept] ** 2)))
