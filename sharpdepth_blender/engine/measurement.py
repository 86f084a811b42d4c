"""Metric depth on its way into the method: from whom it comes, and made whole."""

from dataclasses import dataclass, field

import numpy as np
import torch

from .grid import Grid
from .holes import fill_holes
from .inputs import check_depth


@dataclass(frozen=True)
class Measurement:
    """Metric depth of one picture, without holes.

    Attributes:
        seen: Metres on the grid of the networks, (1, 1, h, w).
        depth: Metres at the picture's own size, (H, W) float32.
        measured: (H, W) bool, False where `depth` was only filled in.
        given: Whether the user gave it, rather than an estimator.
        notes: A sentence when something was filled in.
    """

    seen: torch.Tensor
    depth: np.ndarray
    measured: np.ndarray
    given: bool
    notes: list[str] = field(default_factory=list)


def measure(metric_depth, image: torch.Tensor, grid: Grid, device) -> Measurement:
    """Ask an estimator for metric depth, or take what the user measured.

    Args:
        metric_depth: A callable that answers metres of the picture it is given, or an array of
            metres at the picture's own size; 0 is a hole.
        image: The picture on the grid, (1, 3, h, w) in 0..1.
        grid: Where that picture came from.
        device: Where the estimator wants its picture; all else is done, and answered, on the CPU.

    Raises:
        EngineError: `bad_depth`.
    """
    if callable(metric_depth):
        answer = metric_depth(eight_bits(image).to(device, torch.float32))
        seen = check_depth(answer, *image.shape[2:], "The metric estimator's answer")
        measured = grid.restore((seen > 0).to(seen), "nearest-exact") > 0
        seen = fill_holes(seen)
        depth = grid.restore(seen)
    else:
        depth = check_depth(metric_depth, grid.height, grid.width, "The metric depth map")
        measured = depth > 0
        depth = fill_holes(depth)
        seen = grid.resize(depth)
    notes = []
    if holes := int((~measured).sum()):
        notes.append(f"{holes} px without a measurement were filled from the pixels around them.")
    given = not callable(metric_depth)
    return Measurement(seen, depth[0, 0].numpy(), measured[0, 0].numpy(), given, notes)


def eight_bits(image: torch.Tensor) -> torch.Tensor:
    """The picture in 0..255 with the decimals cut off, as the release gives it to its estimator."""
    return (image * 255).int()
