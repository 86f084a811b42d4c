"""Pipeline without a sharpener: the unchanged output of the metric model."""

from types import SimpleNamespace

import numpy as np
import torch

from .aligned import SharpDepthOutput
from .grid import Grid
from .inputs import check_picture, check_resolution, picture_tensor
from .metric_depth import prepare


class MetricPipeline:
    """Returns the metric depth itself, with the interface of the sharpening pipelines."""

    # Estimators resize internally, so they get full-size pictures.
    config = SimpleNamespace(processing_resolution=0)

    def __init__(self):
        self.device = torch.device("cpu")

    def to(self, device) -> "MetricPipeline":
        """Run the estimator on a device."""
        self.device = torch.device(device)
        return self

    def grid(self, height: int, width: int, processing_resolution: int) -> Grid:
        """Return the resize for a picture of this size."""
        return Grid.fit(height, width, check_resolution(processing_resolution), 1)

    def stages(self, *_unused) -> dict[str, int]:
        """See `AlignedPipeline.stages`."""
        return {"metric_depth": 1}

    def __call__(
        self,
        rgb,
        metric_depth,
        processing_resolution=0,
        *,
        on_stage=None,
        metric_points=None,
        **_unused,
    ) -> SharpDepthOutput:
        """See `SharpDepthPipeline.__call__`; `depth` is `metric_depth`, `difference` is zero."""
        if on_stage:
            on_stage("metric_depth", None)
        image = picture_tensor(check_picture(rgb))
        grid = self.grid(*image.shape[2:], processing_resolution)
        measurement = prepare(metric_depth, grid.resize(image), grid, self.device, metric_points)
        depth = measurement.depth
        return without_difference(depth.copy(), depth, measurement.notes)


def without_difference(depth: np.ndarray, metric: np.ndarray, notes: list[str]) -> SharpDepthOutput:
    """Return depth that no other was compared with or fitted to.

    Args:
        depth: The result, meters, (H, W) float32.
        metric: The metric depth that it was made from, likewise.
        notes: Sentences for the user.
    """
    return SharpDepthOutput(depth, metric, np.zeros_like(depth), 0.0, 0.0, notes)
