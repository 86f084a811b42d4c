"""Where depth has edges, and a comparison of the edge sharpness of two depth maps."""

import torch
import torch.nn.functional as F

from .windows import largest

SHARPER = 1.5  # minimum ratio of steps for an edge to count as sharper


def bend(log: torch.Tensor, apart: int = 1) -> torch.Tensor:
    """Return how far each pixel deviates from a plane through pixels around it, (h, w).

    The larger second difference of disparity along rows or columns, relative to the disparity. It
    is zero for a plane of any slope, because 1/z is linear in the picture.

    Args:
        log: Log depth, (h, w).
        apart: Distance of these pixels; nothing bends within it of the border.
    """
    disparity = (log.min() - log).exp()  # at most 1, whatever the unit of depth
    result = torch.zeros_like(log)
    for one, bent in ((disparity, result), (disparity.T, result.T)):
        middle = one[apart:-apart]
        if len(middle):
            second = (one[2 * apart :] - 2 * middle + one[: -2 * apart]).abs() / middle
            bent[apart:-apart] = torch.maximum(bent[apart:-apart], second)
    return result


def steps(log: torch.Tensor, there: torch.Tensor | None = None) -> torch.Tensor:
    """Return the largest step of log depth to a known horizontal or vertical neighbor, (h, w).

    Args:
        log: Log depth, (h, w).
        there: (h, w) bool, where it is known; None for everywhere.
    """
    across, down = log.diff(dim=1).abs(), log.diff(dim=0).abs()
    if there is not None:
        across *= there[:, 1:] & there[:, :-1]
        down *= there[1:] & there[:-1]
    step = torch.maximum(F.pad(across, (1, 0)), F.pad(across, (0, 1)))
    return torch.maximum(step, torch.maximum(F.pad(down, (0, 0, 1, 0)), F.pad(down, (0, 0, 0, 1))))


def where_sharper(ours, theirs, least: float, around: int, ramp: int) -> torch.Tensor:
    """Return where our edges are sharper, (h, w) float32 of 0 and 1.

    Args:
        ours: `steps` of one map.
        theirs: `steps` of the other.
        least: Minimum step of log depth for an edge of ours.
        around: Pixels within which two edges count as the same edge.
        ramp: Pixels beside an edge of ours in which the other map is not trusted either.
    """
    ours, theirs = largest(ours, around), largest(theirs, around)
    return largest(((ours > SHARPER * theirs) & (ours > least)).float(), ramp)
