"""The probability of sky at picture size, and what to tell about it."""

import numpy as np
import torch

from .enlarge import enlarge

STEP = 2.0  # of log depth between sky and no sky, for the filter that follows the picture's edges
UNSURE = (0.2, 0.8)
MUCH = 0.05  # share of the picture
BEHIND = 1.25  # depth of the sky for the sharpener, relative to what else is far
FAR = 0.99  # share of all else that is nearer than that


def bring_sky_near(depth: torch.Tensor, sky: torch.Tensor) -> torch.Tensor:
    """Put the sky barely behind everything else, as the sharpener's training frames have it.

    Depth is normalized over its range, of which a sky at its own depth would take nearly all.

    Args:
        depth: Meters, (B, 1, h, w).
        sky: Its probability, the same shape.

    Returns:
        The same shape; a map that is all sky is as it was.
    """
    near = []
    for one, seen in zip(depth, sky > 0.5, strict=True):
        if not seen.any() or seen.all():
            near.append(one)
            continue
        rest = one[~seen].flatten().sort().values
        near.append(torch.where(seen, BEHIND * rest[int(FAR * (len(rest) - 1))], one))
    return torch.stack(near)


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
