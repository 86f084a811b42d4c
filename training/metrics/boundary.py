"""Occluding boundaries, scored free of scale as Depth Pro does (arXiv 2410.02073, section 3.2).

A boundary runs between two neighbors, side by side or one above the other, where the depth of the
one exceeds that of the other by a ratio; a predicted one is right where the truth has it too, with
the same side in front.
"""

import numpy as np

RATIOS = np.linspace(1.05, 1.25, 10)


def boundary_scores(prediction, truth, valid=None) -> dict[str, float]:
    """Return precision, recall and F1, averaged over `RATIOS` with the ratios as weights.

    Equation 3 of the paper, which counts the boundaries of all directions together. The suppression
    of non-maxima that the paper describes belongs to its recall against masks, which has no
    precision to punish blur.

    A share of nothing is 0. A ratio that neither map reaches is left out.

    Args:
        prediction: (H, W) meters, above zero where valid.
        truth: (H, W) meters, above zero where valid.
        valid: (H, W) bool, where there is truth; all if not given. Neighbors count where both are.

    Returns:
        "precision", "recall" and "f1", in 0..1; NaN where the truth has no boundary.
    """
    if valid is None:
        valid = np.ones(truth.shape, bool)
    found, there = _jumps(prediction, valid), _jumps(truth, valid)
    in_both = np.where(found * there > 0, np.minimum(np.abs(found), np.abs(there)), 0)
    predicted, true, right = (_count(jumps) for jumps in (found, there, in_both))
    if not true.any():
        return dict.fromkeys(("precision", "recall", "f1"), np.nan)
    shares = {
        "precision": right / np.maximum(predicted, 1),
        "recall": right / np.maximum(true, 1),
        "f1": 2 * right / np.maximum(predicted + true, 1),
    }
    weights = np.where(predicted + true > 0, RATIOS, 0)
    return {name: float(np.average(share, weights=weights)) for name, share in shares.items()}


def published_boundary_f1(prediction, truth) -> float:
    """Return F1 as the release of Depth Pro computes it; it knows no valid pixels.

    Precision and recall are averaged over the four directions in which depth may rise, so the truth
    itself has less than 1 where one of them has no boundary, and a ratio that nobody reaches is 0.

    Args:
        prediction: (H, W) meters, above zero.
        truth: (H, W) meters, above zero.
    """
    found, there = (_rises(each) for each in (prediction, truth))
    scores = []
    for limit in np.log(RATIOS):
        pairs = [(a > limit, b > limit) for a, b in zip(found, there, strict=True)]
        right = np.array([np.count_nonzero(a & b) for a, b in pairs])
        predicted, true = np.array([[np.count_nonzero(each) for each in pair] for pair in pairs]).T
        precision = (right / np.maximum(predicted, 1)).mean()
        recall = (right / np.maximum(true, 1)).mean()
        both = precision + recall
        scores.append(2 * precision * recall / both if both else 0)
    return float(np.average(scores, weights=RATIOS))


def _rises(depth):
    """Return the logarithm of the ratio of each two neighbors, in each of the four directions."""
    across, down = _neighbors(depth, np.ones(depth.shape, bool))
    return across, -across, down, -down


def _jumps(depth, valid):
    """Return the logarithm of the ratio of each two valid neighbors, in one row."""
    return np.concatenate([*_neighbors(depth, valid)])


def _neighbors(depth, valid):
    """Yield those logarithms of neighbors side by side, then of those one above the other."""
    logarithm = np.log(np.where(valid, depth, 1))
    yield np.diff(logarithm, axis=1)[valid[:, 1:] & valid[:, :-1]]
    yield np.diff(logarithm, axis=0)[valid[1:] & valid[:-1]]


def _count(jumps):
    """Return how many exceed each of `RATIOS`."""
    size = np.abs(jumps)
    return np.array([np.count_nonzero(size > limit) for limit in np.log(RATIOS)])
