"""Depth metrics against ground truth, and confidence intervals of their means; maps are (H, W)."""

from .alignment import AlignmentError, fit_in_disparity, fit_scale_and_shift, scale_and_shift
from .bootstrap import bootstrap_interval
from .boundary import boundary_scores, published_boundary_f1
from .dbe import depth_boundary_errors, published_depth_boundary_errors
from .depth import absolute_relative, delta1
from .measures import MEASURES, Measure, MeasureError, measure

__all__ = [
    "MEASURES",
    "AlignmentError",
    "Measure",
    "MeasureError",
    "absolute_relative",
    "bootstrap_interval",
    "boundary_scores",
    "delta1",
    "depth_boundary_errors",
    "fit_in_disparity",
    "fit_scale_and_shift",
    "measure",
    "published_boundary_f1",
    "published_depth_boundary_errors",
    "scale_and_shift",
]
