"""Findings: what a metric model knows of a picture besides depth, at the picture's size."""

from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F

from ..geometry import Intrinsics
from ..geometry.sky import SURE
from .grid import Grid
from .metric import MetricEstimate
from .sky import enlarge_sky, sky_notes

MUCH = 1e-3  # share of the picture from which holes are told


@dataclass(frozen=True)
class Findings:
    """What is kept of an estimate besides its depth; maps are (H, W), None if not known.

    Attributes:
        sky: Probability of sky, 0..1, float32.
        normals: (H, W, 3) float32 unit normals in camera axes, 0 where unknown.
        holes: bool, where there is neither a surface nor sky; None if there is no such place.
        found: Intrinsics that the model finds in the picture alone.
        notes: Sentences for the user.
    """

    sky: np.ndarray | None = None
    normals: np.ndarray | None = None
    holes: np.ndarray | None = None
    found: Intrinsics | None = None
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, estimate: MetricEstimate, grid: Grid, picture: torch.Tensor) -> "Findings":
        """Bring what an estimate on a grid holds to the size of the picture.

        Args:
            estimate: Of the picture on the grid.
            grid: That grid.
            picture: (3, H, W) in 0..1.
        """
        notes: list[str] = []
        sky = normals = None
        open_places = (estimate.depth <= 0).cpu()
        if estimate.sky is not None:
            probability = estimate.sky.float().cpu()
            # On the grid, for the sky of the picture follows its edges and the depth does not.
            open_places &= probability <= SURE
            sky = enlarge_sky(grid.crop(probability)[0, 0], picture).numpy()
            notes += sky_notes(sky)
        if estimate.normals is not None:
            between = grid.restore(estimate.normals.float().cpu())
            length = between.norm(dim=1, keepdim=True)
            # Where opposite or unknown ones meet, what is between them tells nothing.
            between = F.normalize(between, dim=1) * (length > 0.5)
            normals = between[0].permute(1, 2, 0).contiguous().numpy()
        holes = grid.restore(open_places.float(), "nearest-exact")[0, 0].numpy() > 0
        if holes.mean() >= MUCH:
            notes.append(
                f"The model sees no surface in {holes.mean():.1%} of the picture; it is open there."
            )
        found = estimate.found and grid.restore_intrinsics(estimate.found)
        return cls(sky, normals, holes if holes.any() else None, found, notes)
