"""Metric depth on its way into the method: from whom it comes, and made whole."""

from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F

from .errors import EngineError
from .grid import Grid
from .holes import fill_holes
from .inputs import check_depth, check_points
from .point_fit import fit_points

CELLS = 64  # along the longer side, by which it is told whether a map is scattered points
FEW_CELLS, DENSE = 0.17, 0.5  # share of cells that hold any; share of these that is measured


@dataclass(frozen=True)
class MetricDepth:
    """Metric depth of one picture, without holes.

    Attributes:
        seen: Meters on the grid of the networks, (1, 1, h, w).
        depth: Meters at the picture's own size, (H, W) float32.
        measured: (H, W) bool, False where `depth` was only filled in.
        given: Whether the user gave it, rather than an estimator.
        points: (N, 3) of u, v in pixels of the grid and meters, with which the estimate was brought
            to agree; None where there are none.
        notes: A sentence for what was filled in or left out.
    """

    seen: torch.Tensor
    depth: np.ndarray
    measured: np.ndarray
    given: bool
    points: np.ndarray | None = None
    notes: list[str] = field(default_factory=list)


def prepare(
    metric_depth, image: torch.Tensor, grid: Grid, device, metric_points=None
) -> MetricDepth:
    """Ask an estimator for metric depth, or take what the user measured.

    Args:
        metric_depth: A callable that answers meters of the picture it is given, or an array of
            meters at the picture's own size; 0 is a hole.
        image: The picture on the grid, (1, 3, h, w) in 0..1.
        grid: Where that picture came from.
        device: Where the estimator wants its picture; all else is done, and answered, on the CPU.
        metric_points: (N, 3) of u, v in pixels of the picture and meters, for an estimate only.

    Raises:
        EngineError: `bad_depth`, or `bad_request` for points beside a depth map.
    """
    given = not callable(metric_depth)
    points, notes = None, []
    if metric_points is not None:
        if given:
            raise EngineError("bad_request", "Give measured points or a depth map, not both.")
        points = check_points(metric_points, grid.height, grid.width)
        if unseen := len(metric_points) - len(points):
            notes.append(f"{unseen} measured points outside the picture were left out.")
        points = points * (grid.inner_width / grid.width, grid.inner_height / grid.height, 1)
    if not given:
        answer = metric_depth(eight_bits(image).to(device, torch.float32))
        seen = check_depth(answer, *image.shape[2:], "The metric estimator's answer")
        measured = grid.restore((seen > 0).to(seen), "nearest-exact") > 0
        seen = fill_holes(seen)
        if points is not None:
            seen, told = _corrected(seen, points, grid)
            notes += told
        depth = grid.restore(seen)
    else:
        depth = check_depth(metric_depth, grid.height, grid.width, "The metric depth map")
        measured = depth > 0
        depth = fill_holes(depth)
        seen = grid.resize(depth)
    if holes := int((~measured).sum()):
        notes.append(f"{holes} px without a measurement were filled from the pixels around them.")
    depth, measured = depth[0, 0].numpy(), measured[0, 0].numpy()
    return MetricDepth(seen, depth, measured, given, points, notes)


def _corrected(seen, points, grid):
    """Meters on the grid that agree with measured points, and sentences that say so."""
    log = grid.crop(seen)[0, 0].log()
    correction, left_out = fit_points(log, points)
    factor = float(correction.median().exp())
    notes = [
        f"The depth was brought to {len(points) - left_out} measured points, by a factor of "
        f"{factor:.3g} on the median."
    ]
    if left_out:
        notes.append(f"{left_out} measured points that disagree with the others were left out.")
    seen = F.pad(
        (log + correction).exp()[None, None], (0, grid.pad_width, 0, grid.pad_height), "replicate"
    )
    return seen, notes


def scattered_points(depth, height: int, width: int) -> np.ndarray | None:
    """The pixels of a depth map as measured points, where they are too few and far between.

    Up to then the map by itself says more of the shape than an estimate does.

    Args:
        depth: Meters, (H, W), 0 = no measurement.
        height: Of the picture, pixels.
        width: Likewise.

    Returns:
        (N, 3) as of `measure`; None of a map that is to be sharpened as one.

    Raises:
        EngineError: `bad_depth`.
    """
    depth = check_depth(depth, height, width, "The metric depth map")
    there = (depth > 0).float()
    cell = max(4, round(max(height, width) / CELLS))
    density = F.avg_pool2d(there, cell, ceil_mode=True, count_include_pad=False)
    occupied = density > 0
    if occupied.float().mean() > FEW_CELLS or density[occupied].mean() > DENSE:
        return None
    row, column = there[0, 0].nonzero(as_tuple=True)
    return torch.stack([column + 0.5, row + 0.5, depth[0, 0, row, column].double()], 1).numpy()


def eight_bits(image: torch.Tensor) -> torch.Tensor:
    """The picture in 0..255 with the decimals cut off, as the release gives it to its estimator."""
    return (image * 255).int()
