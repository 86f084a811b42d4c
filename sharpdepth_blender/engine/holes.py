"""Hole filling for depth maps."""

import torch
import torch.nn.functional as F


def fill_holes(depth: torch.Tensor) -> torch.Tensor:
    """Fill zeros smoothly from the measured values around them, which stay unchanged.

    Pull-push (Gortler et al., The Lumigraph, SIGGRAPH 1996): averages of the measured values are
    pulled up a pyramid until no value is missing, and pushed back down into the holes.

    Args:
        depth: (1, 1, h, w), with at least one positive value.
    """
    measured = depth > 0
    if measured.all():
        return depth
    weight = F.avg_pool2d(measured.to(depth), 2, ceil_mode=True)
    total = F.avg_pool2d(depth, 2, ceil_mode=True)
    coarse = fill_holes(torch.where(weight > 0, total / weight, torch.zeros_like(total)))
    smooth = F.interpolate(coarse, depth.shape[2:], mode="bilinear")
    return torch.where(measured, depth, smooth)
