"""Depth boundary errors (DBE): how far the edges of two depth maps lie from each other, in pixels.

*Accuracy* is the mean distance from each predicted edge to the nearest true one, of the predicted
edges that are nearer than `REACH`. *Completeness* is the mean distance from each true edge to the
nearest predicted one. Both are `REACH` where no predicted edge is that near to a true one. So
defined after iBims-1 (Koch et al., arXiv 1805.01328), with the edges of `edges.py` in both maps, by
the released SharpDepth evaluation. A script that goes round with iBims-1 finds other edges and cuts
completeness off at the reach, so its numbers differ.
"""

import numpy as np
from scipy.ndimage import distance_transform_edt

from .edges import edges

REACH = 10.0  # pixels


def depth_boundary_errors(prediction, truth, valid=None, true_edges=None) -> tuple[float, float]:
    """Return accuracy and completeness [px] over the valid pixels.

    Args:
        prediction: (H, W) meters.
        truth: (H, W) meters.
        valid: (H, W) bool, where there is truth; all if not given. Edges are looked for there, in
            both maps, and not where it ends; what invalid pixels hold changes nothing.
        true_edges: (H, W) bool, edges that people drew, as iBims-1 has them, in place of those that
            are found in the truth. They run where a scanner sees nothing, too, so both kinds count
            wherever they are, and the prediction must be finite everywhere.

    Returns:
        Both NaN where the truth has no edge, since there is nothing to be near to or to miss.
    """
    if true_edges is None:
        found, there = edges(prediction, valid), edges(truth, valid)
    else:
        found, there = edges(prediction), true_edges
    if not there.any():
        return np.nan, np.nan
    return _errors(found, there)


def published_depth_boundary_errors(prediction, truth) -> tuple[float, float]:
    """Return accuracy and completeness [px] as the released SharpDepth evaluation does.

    The same as `depth_boundary_errors` where every pixel is valid and the truth has edges. It
    differs elsewhere, and is here to be compared with published numbers:
    - It knows no valid pixels. A hole of zeros in the truth has an edge around it, and a disparity
      so large that the other edges of disparity vanish.
    - Where the truth has no edge, SciPy measures distances to the pixel (-1, 0). Predicted edges
      near that corner then have an accuracy, with NaN for completeness; otherwise both are `REACH`.

    Args:
        prediction: (H, W) meters, finite.
        truth: (H, W) meters, finite, 0 where it is not known.
    """
    return _errors(edges(prediction), edges(truth))


def _errors(found, there):
    to_truth = distance_transform_edt(~there)
    near = found & (to_truth < REACH)
    if not near.any():
        return REACH, REACH
    missed = distance_transform_edt(~found)[there]
    return float(to_truth[near].mean()), float(missed.mean()) if missed.size else np.nan
