"""Alignment to sparse measurements: tracked points, a point cloud, a few LiDAR samples.

The residual between measured and predicted log depth is modeled as a smooth field over the picture
by Gaussian process regression (Rasmussen and Williams, 2006, equation 2.25). Distance is measured
in the picture and in predicted depth, so that a point on a chair has little influence on the wall
behind it.
"""

import numpy as np
import torch

from .grid import Grid

MOST = 1000  # maximum points; more are merged by cells
REACH, DEPTH_REACH = 0.12, 0.35  # kernel length scales: fraction of the longer side, log depth
SPREAD, NOISE = 0.25, 0.03  # standard deviations of log depth: the field, a single point
OUTLIER = 0.5  # log depth: minimum disagreement with all other points to drop a point
OUTLIERS = 6.0  # likewise, as a multiple of the median disagreement
FEWEST = 3  # minimum points to keep, however much they disagree
FINEST = 768  # maximum longer side at which the field is computed, pixels
AT_ONCE = 1 << 25  # entries of a kernel matrix per chunk


def fit_points(prediction: torch.Tensor, points: np.ndarray) -> tuple[torch.Tensor, int]:
    """Return the correction to a log depth map that makes it agree with measured points.

    A point that contradicts the others (by `OUTLIERS` times their median disagreement and at least
    by `OUTLIER`) is dropped: a track that slipped, a reflection.

    Args:
        prediction: Logarithm of meters, (h, w).
        points: (N, 3) as u, v in pixels of that map, inside it, and meters.

    Returns:
        (field, left_out): (h, w) float32, and the number of dropped points.
    """
    size = prediction.shape
    if max(size) > FINEST:
        small = Grid.fit(*size, FINEST, 1)
        prediction = small.resize(prediction[None, None])[0, 0]
        points = points * (small.inner_width / size[1], small.inner_height / size[0], 1)
    height, width = prediction.shape
    places, values = _cells(points, prediction)
    features = _features(places, _at(prediction, places), max(height, width))
    level, count = np.median(values), len(values)
    inverse = np.linalg.inv(_kernel(features, features, NOISE))
    while True:
        weights = inverse @ (values - level)
        # Leave-one-out error of each point in closed form (equation 5.12).
        error = np.abs(weights / np.diag(inverse))
        worst = int(error.argmax())
        if len(values) <= FEWEST or error[worst] <= max(OUTLIER, OUTLIERS * np.median(error)):
            break
        row, values, features = (
            inverse[worst],
            *(np.delete(each, worst, 0) for each in (values, features)),
        )
        # The inverse for the remaining points, by block inversion.
        inverse = inverse - np.outer(row, row) / row[worst]
        inverse = np.delete(np.delete(inverse, worst, 0), worst, 1)
    v, u = np.mgrid[:height, :width] + 0.5
    everywhere = _features(
        np.stack([u.ravel(), v.ravel()], 1), prediction.numpy().ravel(), max(height, width)
    )
    field = np.empty(height * width, np.float32)
    step = max(1, AT_ONCE // len(weights))
    for start in range(0, len(field), step):
        part = slice(start, start + step)
        field[part] = level + _kernel(everywhere[part], features) @ weights
    field = torch.from_numpy(field.reshape(height, width))
    if max(size) > FINEST:
        field = small.restore(field[None, None])[0, 0]
    return field, count - len(values)


def _features(places, log_depth, longer) -> np.ndarray:
    """Return positions and depths in kernel length scales, (N, 3)."""
    return np.column_stack([places / (REACH * longer), log_depth / DEPTH_REACH]).astype(np.float32)


def _kernel(one, other, noise=0.0) -> np.ndarray:
    """Exponential covariance (N, M), rough enough for steps between objects."""
    distance = torch.cdist(torch.from_numpy(one), torch.from_numpy(other))
    covariance = SPREAD**2 * torch.exp(-distance).double().numpy()
    if noise:
        covariance += noise**2 * np.eye(len(one))
    return covariance


def _cells(points, prediction) -> tuple[np.ndarray, np.ndarray]:
    """Return about `MOST` positions (N, 2) and residuals (N,): medians over cells."""
    places = points[:, :2]
    values = np.log(points[:, 2]) - _at(prediction, places)
    if len(points) <= MOST:
        return places, values
    side = np.sqrt(prediction.numel() / MOST)
    cell = (places // side).astype(np.int64)
    number = cell[:, 1] * (int(prediction.shape[1] // side) + 1) + cell[:, 0]
    order = np.lexsort((values, number))
    _, first, count = np.unique(number[order], return_index=True, return_counts=True)
    middle = order[first + count // 2]  # the point with the median residual
    return places[middle], values[middle]


def _at(prediction, places) -> np.ndarray:
    height, width = prediction.shape
    column = places[:, 0].astype(int).clip(0, width - 1)
    row = places[:, 1].astype(int).clip(0, height - 1)
    return prediction.numpy()[row, column].astype(np.float64)
