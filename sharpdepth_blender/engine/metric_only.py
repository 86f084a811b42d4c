"""No sharpener at all: the metric depth as its model answers it."""

from types import SimpleNamespace

import numpy as np
import torch

from .aligned import SharpDepthOutput
from .grid import Grid
from .inputs import check_picture, check_resolution, picture_tensor
from .metric_depth import prepare


class MetricPipeline:
    """Answers the metric depth itself, in the form of the pipelines that sharpen it."""

    # Estimators resize for themselves, so they get all there is.
    config = SimpleNamespace(processing_resolution=0)

    def __init__(self):
        self.device = torch.device("cpu")

    def to(self, device) -> "MetricPipeline":
        """Have the estimator work on a device."""
        self.device = torch.device(device)
        return self

    def grid(self, height: int, width: int, processing_resolution: int) -> Grid:
        """How a picture of that size is resized for the estimator."""
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
        return SharpDepthOutput(
            depth.copy(), depth, np.zeros_like(depth), 0.0, 0.0, measurement.notes
        )
