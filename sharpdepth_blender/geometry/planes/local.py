"""Local planes: which plane lies about each sample of a grid."""

import numpy as np


def local_planes(
    points: np.ndarray, known: np.ndarray, radius: int
) -> tuple[np.ndarray, np.ndarray]:
    """Fit a plane to the square about each sample.

    Args:
        points: (h, w, 3) as of `points_of`.
        known: (h, w) bool.
        radius: Samples from the middle of a square to its sides.

    Returns:
        (planes, errors): (h, w, 3) vectors, and (h, w) root mean square errors of depth, relative;
        inf where less than half of the square is known or it lies on a line.
    """
    x, y, z = np.moveaxis(np.where(known[..., None], points, 0), -1, 0)
    moments = (known, x, y, z, x * x, x * y, x * z, y * y, y * z, z * z)
    count, x, y, z, xx, xy, xz, yy, yz, zz = (_summed(each, radius) for each in moments)
    matrix = np.stack([xx, xy, xz, xy, yy, yz, xz, yz, zz], -1).reshape(*known.shape, 3, 3)
    total = np.stack([x, y, z], -1)
    scale = np.maximum(zz, 1e-12)
    # So little that exact planes stay exact, and enough that nothing is singular.
    matrix = matrix + 1e-12 * scale[..., None, None] * np.eye(3)
    planes = np.linalg.solve(matrix, total[..., None])[..., 0]
    squares = count - (planes * total).sum(-1)
    enough = count >= 0.5 * (2 * radius + 1) ** 2
    errors = np.sqrt(np.maximum(squares, 0) / np.maximum(count, 1))
    return planes, np.where(enough, errors, np.inf)


def best_of_neighbors(
    planes: np.ndarray, errors: np.ndarray, radius: int
) -> tuple[np.ndarray, np.ndarray]:
    """For each sample, the best plane of nine squares that hold it.

    So a sample beside an edge has the plane of its own side.

    Args:
        planes: (h, w, 3) of `local_planes`.
        errors: (h, w) likewise.
        radius: Of the squares.

    Returns:
        (planes, errors) as given.
    """
    best, least = planes.copy(), errors.copy()
    height, width = errors.shape
    rows, columns = np.arange(height), np.arange(width)
    for down in (-radius, 0, radius):
        for right in (-radius, 0, radius):
            at = np.ix_(np.clip(rows + down, 0, height - 1), np.clip(columns + right, 0, width - 1))
            better = errors[at] < least
            best[better], least[better] = planes[at][better], errors[at][better]
    return best, least


def _summed(values: np.ndarray, radius: int) -> np.ndarray:
    """Sums over squares, of what of them is inside."""
    sums = np.pad(np.asarray(values, np.float64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    height, width = values.shape
    top, bottom = _ends(height, radius)
    left, right = _ends(width, radius)
    return sums[bottom][:, right] - sums[top][:, right] - sums[bottom][:, left] + sums[top][:, left]


def _ends(length: int, radius: int) -> tuple[np.ndarray, np.ndarray]:
    index = np.arange(length)
    return np.maximum(index - radius, 0), np.minimum(index + radius + 1, length)
