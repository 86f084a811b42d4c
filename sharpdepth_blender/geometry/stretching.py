"""Stretch: how far a picture's pixels are drawn out where another camera sees them."""

import numpy as np

from .intrinsics import Intrinsics


def surface_normals(points: np.ndarray) -> np.ndarray:
    """Find the normals of what a camera sees from the points that its pixels see.

    The plane through a pixel is that of its own point and of the nearer one of its two neighbors
    in the row and in the column, so that no edge is bridged as long as one side of it is wider than
    a pixel. These are the normals of the faces themselves: whether they are shaded smooth or bumped
    does not count.

    Args:
        points: (H, W, 3) of any unit of length, NaN where a pixel sees nothing.

    Returns:
        (H, W, 3) float64 of any length; NaN where a pixel has no neighbors to tell it.
    """
    points = np.asarray(points, np.float64)
    return np.cross(_steps(points, 1), _steps(points, 0))


def stretch(
    points: np.ndarray,
    normals: np.ndarray,
    shot: Intrinsics,
    picture: Intrinsics,
    matrix: np.ndarray,
) -> np.ndarray:
    """Find how many pixels of a shot a picture's pixel is drawn over, in its worst direction.

    On the plane through a point, pixels of the picture map to pixels of the shot; this is the
    largest singular value of that map's derivative.

    Args:
        points: (..., 3) in the camera space of the shot (x right, y up, looking along -z).
        normals: (..., 3) of the surface there, of any length and sign.
        shot: Of the frame that shows the points.
        picture: Of the picture that is painted on them.
        matrix: (4, 4) from the shot's camera space to the picture's.

    Returns:
        (...) float64, infinite where the picture sees the surface from its edge; NaN where it lies
        behind either camera, or where point or normal is not known.
    """
    points, normals = np.asarray(points, np.float64), np.asarray(normals, np.float64)
    matrix = np.asarray(matrix, np.float64)
    along, across = _tangents(normals)
    turned = points @ matrix[:3, :3].T + matrix[:3, 3]
    to_shot = [_moved(points, tangent, shot) for tangent in (along, across)]
    to_picture = [
        _moved(turned, tangent @ matrix[:3, :3].T, picture) for tangent in (along, across)
    ]
    (a, c), (b, d) = (np.moveaxis(each, -1, 0) for each in to_picture)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        area = a * d - b * c
        # The derivative is [to_shot] [to_picture]^-1; its columns, times the determinant:
        first = to_shot[0] * d[..., None] - to_shot[1] * c[..., None]
        second = to_shot[1] * a[..., None] - to_shot[0] * b[..., None]
        squares = (first**2).sum(-1) + (second**2).sum(-1)
        product = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
        largest = squares / 2 + np.sqrt(np.maximum(squares**2 / 4 - product**2, 0))
        return np.sqrt(largest) / np.abs(area)


def _steps(points: np.ndarray, axis: int) -> np.ndarray:
    """From each point to its nearer neighbor along an axis, in the axis' direction."""
    step = np.full_like(points, np.nan)
    if points.shape[axis] < 2:
        return step
    between = np.diff(points, axis=axis)
    length = (between**2).sum(-1)
    length = np.where(np.isnan(length), np.inf, length)
    gap = np.full_like(between.take([0], axis), np.nan)
    none = np.full_like(length.take([0], axis), np.inf)
    before, after = np.concatenate([gap, between], axis), np.concatenate([between, gap], axis)
    shorter = np.concatenate([none, length], axis) < np.concatenate([length, none], axis)
    return np.where(shorter[..., None], before, after)


def _tangents(normals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two directions in the plane, at right angles and of one length."""
    helper = np.zeros_like(normals)
    steep = np.abs(normals[..., 0]) > 0.6 * np.linalg.norm(normals, axis=-1)
    helper[..., 0], helper[..., 1] = ~steep, steep
    with np.errstate(invalid="ignore", divide="ignore"):
        along = np.cross(normals, helper)
        along /= np.linalg.norm(along, axis=-1, keepdims=True)
        across = np.cross(normals, along)
        across /= np.linalg.norm(across, axis=-1, keepdims=True)
    return along, across


def _moved(points: np.ndarray, tangent: np.ndarray, intrinsics: Intrinsics) -> np.ndarray:
    """(..., 2) by how many pixels a point moves along a tangent of its own length unit."""
    z = np.where(points[..., 2] < 0, -points[..., 2], np.nan)
    x, y = points[..., 0] / z, points[..., 1] / z
    right = (tangent[..., 0] + x * tangent[..., 2]) / z
    up = (tangent[..., 1] + y * tangent[..., 2]) / z
    return np.stack([intrinsics.fx * right, -intrinsics.fy * up], -1)
