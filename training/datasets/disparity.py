"""Conversion of rectified stereo disparity to depth."""

import numpy as np


def depth_from_disparity(
    disparity: np.ndarray, focal: float, baseline: float, farthest: float
) -> np.ndarray:
    """Return z = focal * baseline / disparity, clipped to `farthest`.

    Args:
        disparity: (H, W) in picture pixels; 0 at infinity, negative or NaN if unknown.
        focal: Focal length in the same pixels.
        baseline: Distance between the two cameras [m].
        farthest: Depth assigned to the sky and to everything beyond it [m].

    Returns:
        (H, W) float32 z-depth [m], 0 where unknown.
    """
    with np.errstate(divide="ignore", over="ignore"):
        depth = focal * baseline / disparity
    depth = np.nan_to_num(depth, nan=0, posinf=farthest)
    return depth.clip(0, farthest).astype(np.float32)
