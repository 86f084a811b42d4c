"""Edges of a depth map, and which of two maps of one scene has the sharper ones."""

import torch
import torch.nn.functional as F

from .windows import largest

SHARPER = 1.5  # times the other's step, and an edge is the sharper one


def steps(log: torch.Tensor, there: torch.Tensor | None = None) -> torch.Tensor:
    """Largest step of a log depth map to a known neighbor, side by side or above, (h, w).

    Args:
        log: (h, w).
        there: (h, w) bool, where it is known; None for everywhere.
    """
    across, down = log.diff(dim=1).abs(), log.diff(dim=0).abs()
    if there is not None:
        across *= there[:, 1:] & there[:, :-1]
        down *= there[1:] & there[:-1]
    step = torch.maximum(F.pad(across, (1, 0)), F.pad(across, (0, 1)))
    return torch.maximum(step, torch.maximum(F.pad(down, (0, 0, 1, 0)), F.pad(down, (0, 0, 0, 1))))


def where_sharper(ours, theirs, least: float, around: int, ramp: int) -> torch.Tensor:
    """Where our edges win, (h, w) float32 of 0 and 1.

    Args:
        ours: `steps` of one map.
        theirs: Of the other.
        least: Log depth: a smaller step of ours is no edge.
        around: Pixels within which two edges are one and the same.
        ramp: Pixels beside an edge of ours in which the other is not to be trusted either.
    """
    ours, theirs = largest(ours, around), largest(theirs, around)
    return largest(((ours > SHARPER * theirs) & (ours > least)).float(), ramp)
