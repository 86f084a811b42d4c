"""Local alignment of a picture, with the fit that suits the source of the metric depth.

An estimate takes a `local_fit`, measured points take a `point_fit` on top, and a measured map
takes a `measured_fit`. The global fit comes first, with all its guards: if one of them rejects it,
the metric depth is returned.
"""

from dataclasses import replace

import torch

from .alignment import Alignment, align
from .enlarge import enlarge, enlarge_smoothly
from .grid import Grid
from .local_fit import fit_locally
from .measured_fit import clean_map, fit_measurement, keep_measured, tell_change
from .metric_depth import MetricDepth
from .point_fit import fit_points

MEASURED = 0.02  # minimum measured fraction of a grid pixel for it to count


class LocalAlignment:
    """Stepwise alignment of a prediction to meters, region by region.

    Args:
        prediction: Relative depth on the grid, (1, 1, h, w).
        error: Difference of the two models, likewise, 0..1.
        measurement: The metric depth.
        image: The picture on the grid, (1, 3, h, w) in 0..1.
        grid: Mapping between picture size and network input.
        edges: Whether edges will finally be made as sharp as the picture.

    Attributes:
        log: Logarithm of meters, (h, w) on the grid without padding; None if the global fit was
            rejected.
    """

    def __init__(self, prediction, error, measurement: MetricDepth, image, grid: Grid, edges: bool):
        self._measurement = measurement
        prediction, error, seen = (
            grid.crop(each)[0, 0] for each in (prediction, error, measurement.seen)
        )
        there = torch.from_numpy(measurement.measured)[None, None].float()
        weight = grid.crop(grid.resize(there))[0, 0]
        measured = weight > MEASURED
        self._fit = align(prediction.numpy(), seen.numpy(), error.numpy(), measured.numpy())
        self.log = self._clean = self._measured = None
        if not self._fit.fitted:
            return
        weight = (1 - error).square() * weight * measured
        self.log = fit_locally(torch.from_numpy(self._fit.depth).log(), seen.log(), weight)
        if measurement.points is not None:
            self.log = self.log + fit_points(self.log, measurement.points)[0]
        if measurement.given:
            self._clean = clean_map(measurement.depth, measurement.measured)
            image = grid.crop(image)[0]
            self._measured = fit_measurement(self.log, self._clean, image, grid, edges)
            self.log = self._measured.log

    def finish(self, log: torch.Tensor | None, picture: torch.Tensor, edges: bool) -> Alignment:
        """Return the alignment at picture size.

        Args:
            log: `log`, or a refined version at a size closer to the picture's.
            picture: (1, 3, H, W) in 0..1.
            edges: As passed before.
        """
        measurement = self._measurement
        if log is None:
            return replace(self._fit, depth=measurement.depth.copy())
        log = enlarge(log, picture[0]) if edges else enlarge_smoothly(log, picture.shape[2:])
        notes = []
        if measurement.given:
            log = keep_measured(log, self._measured, self._clean)
            told = tell_change(log, measurement.depth, measurement.measured, self._clean.noise)
            notes = [told] if told else []
        return replace(self._fit, depth=log.exp().numpy(), notes=notes)
