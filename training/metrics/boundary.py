"""Scale-invariant scores for occluding boundaries, after Depth Pro (arXiv 2410.02073, section 3.2).

Two horizontal or vertical neighbors form a boundary if their depth ratio exceeds a threshold. A
predicted boundary is correct if the ground truth has one there too, with the same side in front.
"""

import numpy as np

RATIOS = np.linspace(1.05, 1.25, 10)


def boundary_scores(prediction, truth, valid=None) -> dict[str, float]:
    """Return precision, recall and F1, averaged over `RATIOS` with the ratios as weights.

    Equation 3 of the paper, pooling the boundaries of all directions. The paper's non-maximum
    suppression belongs to its recall against masks, where no precision penalizes blur.

    An empty denominator gives 0. Ratios that neither map reaches are excluded.

    Args:
        prediction: (H, W) meters, positive where valid.
        truth: (H, W) meters, positive where valid.
        valid: (H, W) bool, where there is ground truth; all if None. Only pairs of valid neighbors
            count.

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
    """Return F1 as Depth Pro's released code computes it, without a valid mask.

    Precision and recall are averaged over the four directions in which depth may rise, so even the
    ground truth scores below 1 if a direction has no boundary, and ratios that neither map reaches
    score 0.

    Args:
        prediction: (H, W) meters, positive.
        truth: (H, W) meters, positive.
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
    """Return the log depth ratios of neighbors in each of the four directions."""
    across, down = _neighbors(depth, np.ones(depth.shape, bool))
    return across, -across, down, -down


def _jumps(depth, valid):
    """Return the log depth ratios of all pairs of valid neighbors, flattened."""
    return np.concatenate([*_neighbors(depth, valid)])


def _neighbors(depth, valid):
    """Yield the log depth ratios of horizontal, then of vertical neighbors."""
    logarithm = np.log(np.where(valid, depth, 1))
    yield np.diff(logarithm, axis=1)[valid[:, 1:] & valid[:, :-1]]
    yield np.diff(logarithm, axis=0)[valid[1:] & valid[:-1]]


def _count(jumps):
    """Count the jumps above each of `RATIOS`."""
    size = np.abs(jumps)
    return np.array([np.count_nonzero(size > limit) for limit in np.log(RATIOS)])
