"""Compose: paint over a picture, and where somebody has painted on one.

Porter and Duff, "Compositing Digital Images", SIGGRAPH 1984: the operator `over`.
"""

import numpy as np


def over(paint: np.ndarray, beneath: np.ndarray) -> np.ndarray:
    """Lay paint over what is beneath it.

    Args:
        paint: (N, 4) linear light, premultiplied.
        beneath: (N, 4) linear light, straight alpha.

    Returns:
        (N, 4) float32 linear light, straight alpha; the color beneath where nothing covers.
    """
    left = (1 - paint[:, 3:]) * beneath[:, 3:]
    alpha = paint[:, 3:] + left
    colors = (paint[:, :3] + left * beneath[:, :3]) / np.maximum(alpha, 1e-6)
    colors = np.where(alpha > 0, colors, beneath[:, :3])
    return np.concatenate([colors, alpha], axis=1).astype(np.float32)


def painted_since(before: np.ndarray, now: np.ndarray, tolerance: float) -> np.ndarray:
    """Which pixels somebody has painted.

    Args:
        before: (H, W, 4) straight alpha, values as stored.
        now: The same later.
        tolerance: What storing may change of a value, as a share of it and of 1.

    Returns:
        (H, W) bool: whether a color that shows, or alpha, has changed.
    """
    off = np.abs(now - before) > tolerance * np.maximum(1, np.abs(before))
    return (off[..., :3].any(-1) & (now[..., 3] > 0)) | off[..., 3]
