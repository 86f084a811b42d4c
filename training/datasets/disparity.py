"""Disparity of a rectified stereo pair to depth."""

import numpy as np


def depth_from_disparity(
    disparity: np.ndarray, focal: float, baseline: float, farthest: float
) -> np.ndarray:
    """Return z = focal * baseline / disparity, at most `farthest`.

    Args:
        disparity: (H, W) in pixels of the picture; 0 at infinity, negative or NaN if not known.
        focal: Focal length in the same pixels.
        baseline: Distance between the two cameras [m].
        farthest: Depth of the sky and of everything beyond [m].

    Returns:
        (H, W) float32 z-depth [m], 0 where it is not known.
    """
    with np.errstate(divide="ignore", over="ignore"):
        depth = focal * baseline / disparity
    depth = np.nan_to_num(depth, nan=0, posinf=farthest)
    return depth.clip(0, farthest).astype(np.float32)
