"""The probability of sky at picture size, and what to tell about it."""

import numpy as np
import torch

from .enlarge import enlarge

STEP = 2.0  # of log depth between sky and no sky, for the filter that follows the picture's edges
UNSURE = (0.2, 0.8)
MUCH = 0.05  # share of the picture


def enlarge_sky(probability: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """Upsample the probability of sky so that its edges are those of the picture.

    Args:
        probability: (h, w) in 0..1.
        picture: (3, H, W) in 0..1, showing the same view.

    Returns:
        (H, W) float32 in 0..1.
    """
    return (enlarge(STEP * probability, picture) / STEP).clamp(0, 1)


def sky_notes(sky: np.ndarray) -> list[str]:
    """Return a sentence if it is unclear in much of the picture whether there is sky."""
    low, high = UNSURE
    share = float(((sky > low) & (sky < high)).mean())
    if share < MUCH:
        return []
    return [f"Whether it is sky is unclear in {share:.0%} of the picture: check Far and Backdrop."]
