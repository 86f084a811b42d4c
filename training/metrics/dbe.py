"""Depth boundary errors (DBE): distances between the edges of two depth maps, in pixels.

*Accuracy* is the mean distance from predicted edges to the nearest true edge, over the predicted
edges closer than `REACH`. *Completeness* is the mean distance from true edges to the nearest
predicted edge. Both are `REACH` if no predicted edge is that close to a true one. The definition
follows iBims-1 (Koch et al., arXiv 1805.01328) as implemented in the released SharpDepth
evaluation, with the edges of `edges.py` in both maps. A script that circulates with iBims-1 uses
other edges and clips completeness at the reach, so its numbers differ.
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
        valid: (H, W) bool, where there is ground truth; all if None. Edges are detected inside the
            mask in both maps, never at its border; values at invalid pixels have no effect.
        true_edges: (H, W) bool, hand-annotated edges as in iBims-1, used instead of edges detected
            in the ground truth. They also cover places where the scanner has no data, so all edges
            count regardless of `valid`, and the prediction must be finite everywhere.

    Returns:
        Accuracy and completeness; both NaN if the ground truth has no edges.
    """
    if true_edges is None:
        found, there = edges(prediction, valid), edges(truth, valid)
    else:
        found, there = edges(prediction), true_edges
    if not there.any():
        return np.nan, np.nan
    return _errors(found, there)


def published_depth_boundary_errors(prediction, truth) -> tuple[float, float]:
    """Return accuracy and completeness [px] as the released SharpDepth evaluation computes them.

    Equal to `depth_boundary_errors` if every pixel is valid and the ground truth has edges. It is
    kept for comparison with published numbers and differs otherwise:
    - It has no valid mask. A hole of zeros in the ground truth gets an edge around it, and a
      disparity so large that the other disparity edges vanish.
    - If the ground truth has no edge, SciPy measures distances to the pixel (-1, 0). Predicted
      edges near that corner then get an accuracy, with NaN completeness; otherwise both are
      `REACH`.

    Args:
        prediction: (H, W) meters, finite.
        truth: (H, W) meters, finite, 0 where unknown.
    """
    return _errors(edges(prediction), edges(truth))


def _errors(found, there):
    to_truth = distance_transform_edt(~there)
    near = found & (to_truth < REACH)
    if not near.any():
        return REACH, REACH
    missed = distance_transform_edt(~found)[there]
    return float(to_truth[near].mean()), float(missed.mean()) if missed.size else np.nan
