"""Occluding boundaries, scored free of scale as Depth Pro does (arXiv 2410.02073, section 3.2).

A boundary runs between two neighbours, side by side or one above the other, where the depth of the
one exceeds that of the other by a ratio; a predicted one is right where the truth has it too, with
the same side in front.
"""

import numpy as np

RATIOS = np.linspace(1.05, 1.25, 10)


def boundary_scores(prediction, truth, valid=None) -> dict[str, float]:
    """Return precision, recall and F1, averaged over `RATIOS` with the ratios as weights.

    Equation 3 of the paper, which counts the boundaries of all directions together; its release
    averages the shares of the four directions instead, and so gives less than 1 to the truth itself
    where one direction has none. The suppression of non-maxima that the paper describes belongs to
    its recall against masks, which has no precision to punish blur.

    A share of nothing is 0. A ratio that neither map reaches is left out; the release counts 0.

    Args:
        prediction: (H, W) metres, above zero where valid.
        truth: (H, W) metres, above zero where valid.
        valid: (H, W) bool, where there is truth; all if not given. Neighbours count where both are.

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


def _jumps(depth, valid):
    """Return the logarithm of the ratio of each two valid neighbours, in one row."""
    logarithm = np.log(np.where(valid, depth, 1))
    across = np.diff(logarithm, axis=1)[valid[:, 1:] & valid[:, :-1]]
    down = np.diff(logarithm, axis=0)[valid[1:] & valid[:-1]]
    return np.concatenate([across, down])


def _count(jumps):
    """Return how many exceed each of `RATIOS`."""
    size = np.abs(jumps)
    return np.array([np.count_nonzero(size > limit) for limit in np.log(RATIOS)])
