"""Measures of a depth map against the truth; all maps (H, W) in metres."""

import numpy as np

BOUNDARY_RATIOS = np.linspace(1.05, 1.25, 10)


def absolute_relative(prediction, truth) -> float:
    """Mean of |prediction - truth| / truth."""
    return float((np.abs(prediction - truth) / truth).mean())


def delta1(prediction, truth) -> float:
    """Share of pixels whose ratio to the truth, either way up, is below 1.25."""
    ratio = np.maximum(prediction / truth, truth / prediction)
    return float((ratio < 1.25).mean())


def boundary_scores(prediction, truth) -> dict[str, float]:
    """Precision, recall and F1 of occluding boundaries, free of scale (Depth Pro, section 4.2).

    A boundary runs between two neighbours where the one's depth exceeds the other's by a ratio; a
    predicted one is right when the truth has it at the same place, in the same direction. Scores
    are averaged over ratios from 1.05 to 1.25, weighted by the ratio. NaN where the truth has none.
    """
    scores = {"precision": [], "recall": [], "f1": []}
    for ratio in BOUNDARY_RATIOS:
        found, there = _boundaries(prediction, ratio), _boundaries(truth, ratio)
        right = np.count_nonzero(found & there)
        precision = right / max(1, np.count_nonzero(found))
        recall = right / np.count_nonzero(there) if there.any() else np.nan
        scores["precision"].append(precision)
        scores["recall"].append(recall)
        scores["f1"].append(2 * precision * recall / max(precision + recall, 1e-9))
    return {
        name: float(np.average(values, weights=BOUNDARY_RATIOS)) for name, values in scores.items()
    }


def _boundaries(depth, ratio):
    """Tell for each pair of neighbours, in each of four directions, if the first lies behind."""
    limit = np.log(ratio)
    logarithm = np.log(depth)
    across = logarithm[:, 1:] - logarithm[:, :-1]
    down = logarithm[1:] - logarithm[:-1]
    return np.concatenate([(step > limit).ravel() for step in (across, -across, down, -down)])


def fit_scale_and_shift(prediction, target) -> np.ndarray:
    """Return `a * prediction + b` that is nearest to the target in least squares."""
    columns = np.stack([prediction.ravel(), np.ones(prediction.size)], axis=1)
    (scale, shift), *_ = np.linalg.lstsq(columns, target.ravel(), rcond=None)
    return scale * prediction + shift


def bootstrap_interval(values, seed: int, draws: int = 1000) -> tuple[float, float]:
    """Return the central 95 % interval of the mean over scenes, NaN values left out."""
    values = np.asarray(values)[~np.isnan(values)]
    rng = np.random.default_rng(seed)
    means = values[rng.integers(len(values), size=(draws, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)
