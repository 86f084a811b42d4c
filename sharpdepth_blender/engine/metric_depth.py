"""Preparation of metric depth for the method: its source, and hole filling."""

from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F

from .errors import EngineError
from .grid import Grid
from .holes import fill_holes
from .inputs import check_depth, check_points
from .point_fit import fit_points

CELLS = 64  # cells along the longer side, to decide whether a map is scattered points
FEW_CELLS, DENSE = 0.17, 0.5  # fraction of cells with any data; measured fraction within these


@dataclass(frozen=True)
class MetricDepth:
    """Metric depth of one picture, without holes.

    Attributes:
        seen: Meters on the network grid, (1, 1, h, w).
        depth: Meters at picture size, (H, W) float32.
        measured: (H, W) bool, False where `depth` was filled in.
        given: Whether it comes from the user rather than an estimator.
        points: (N, 3) as u, v in pixels of the grid and meters, to which the estimate was fitted;
            None if there are none.
        notes: Sentences about filled or dropped data.
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
    """Run the metric estimator, or take the user's measured depth.

    Args:
        metric_depth: A callable that returns meters for the picture it is given, or an array of
            meters at picture size; 0 is a hole.
        image: The picture on the grid, (1, 3, h, w) in 0..1.
        grid: The grid of that picture.
        device: Device of the estimator; everything else runs on the CPU, as is the result.
        metric_points: (N, 3) as u, v in pixels of the picture and meters, for an estimate only.

    Raises:
        EngineError: `bad_depth`, or `bad_request` for points together with a depth map.
    """
    given = not callable(metric_depth)
    points, notes = None, []
    if metric_points is not None:
        if given:
            raise EngineError(
                "bad_request", "Provide either measured points or a depth map, not both."
            )
        points = check_points(metric_points, grid.height, grid.width)
        if unseen := len(metric_points) - len(points):
            notes.append(f"{unseen} measured points outside the picture were ignored.")
        points = points * (grid.inner_width / grid.width, grid.inner_height / grid.height, 1)
    if not given:
        answer = metric_depth(eight_bits(image).to(device, torch.float32))
        seen = check_depth(answer, *image.shape[2:], "The metric estimator's output")
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
    if given and (holes := int((~measured).sum())):
        notes.append(f"{holes} px without a measurement were filled from surrounding pixels.")
    depth, measured = depth[0, 0].numpy(), measured[0, 0].numpy()
    return MetricDepth(seen, depth, measured, given, points, notes)


def _corrected(seen, points, grid):
    """Fit depth on the grid to measured points; return it with notes for the user."""
    log = grid.crop(seen)[0, 0].log()
    correction, left_out = fit_points(log, points)
    factor = float(correction.median().exp())
    notes = [
        f"The depth was fitted to {len(points) - left_out} measured points, by a median factor of "
        f"{factor:.3g}."
    ]
    if left_out:
        notes.append(f"{left_out} measured points that disagree with the others were ignored.")
    seen = F.pad(
        (log + correction).exp()[None, None], (0, grid.pad_width, 0, grid.pad_height), "replicate"
    )
    return seen, notes


def scattered_points(depth, height: int, width: int) -> np.ndarray | None:
    """Return the pixels of a sparse depth map as measured points.

    A denser map contains more shape information by itself than an estimate does.

    Args:
        depth: Meters, (H, W), 0 = no measurement.
        height: Picture height, pixels.
        width: Picture width, pixels.

    Returns:
        (N, 3) as for `prepare`; None if the map is dense enough to be sharpened itself.

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
    """Return the picture in 0..255, truncated to integers as in the released code."""
    return (image * 255).int()
