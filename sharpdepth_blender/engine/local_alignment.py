"""Local alignment of a whole picture: which fit brings a prediction to which kind of meters.

Meters of an estimator take a `local_fit`, those of measured points a `point_fit` after it, and a
measured map a `measured_fit`. The global fit comes first, with all its guards: where one of them
refuses, the metric depth is the answer.
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

MEASURED = 0.02  # share of a pixel on the grid that has to be measured for it to count


class LocalAlignment:
    """A prediction on its way to meters, region by region.

    Args:
        prediction: Relative depth on the grid, (1, 1, h, w).
        error: Difference of the two models, likewise, 0..1.
        measurement: The metric depth.
        image: The picture on the grid, (1, 3, h, w) in 0..1.
        grid: Between the picture's own size and that of the others.
        edges: Whether edges will be as sharp as the picture in the end.

    Attributes:
        log: Logarithm of meters, (h, w) on the grid without its padding; None where the global fit
            was refused.
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
        """Bring what was found to the picture's own size.

        Args:
            log: `log`, or what became of it at a size nearer to the picture's.
            picture: (1, 3, H, W) in 0..1.
            edges: As given before.
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
