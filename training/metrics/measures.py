"""All metrics of one picture, under the names used in reports."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from . import depth
from .boundary import boundary_scores, published_boundary_f1
from .dbe import depth_boundary_errors, published_depth_boundary_errors

NEAREST = 1e-3  # meters: lower limit of predictions, which may be behind the camera


class MeasureError(ValueError):
    """Two maps cannot be compared."""


@dataclass(frozen=True)
class Measure:
    """Title and unit of a metric, and whether lower or higher is better."""

    title: str
    unit: Literal["", "m", "1/m", "px", "%"]
    better: Literal["lower", "higher"]


MEASURES = {
    "abs_rel": Measure("AbsRel", "", "lower"),
    "sq_rel": Measure("SqRel", "m", "lower"),
    "rmse": Measure("RMSE", "m", "lower"),
    "rmse_log": Measure("RMSE log", "", "lower"),
    "i_rmse": Measure("iRMSE", "1/m", "lower"),
    "log10": Measure("log10", "", "lower"),
    "silog": Measure("SIlog", "%", "lower"),
    "delta1": Measure("δ1", "", "higher"),
    "delta2": Measure("δ2", "", "higher"),
    "delta3": Measure("δ3", "", "higher"),
    "dbe_accuracy": Measure("DBE accuracy", "px", "lower"),
    "dbe_completeness": Measure("DBE completeness", "px", "lower"),
    "dbe_accuracy_published": Measure("DBE accuracy, as published", "px", "lower"),
    "dbe_completeness_published": Measure("DBE completeness, as published", "px", "lower"),
    "boundary_precision": Measure("boundary precision", "", "higher"),
    "boundary_recall": Measure("boundary recall", "", "higher"),
    "boundary_f1": Measure("boundary F1", "", "higher"),
    "boundary_f1_published": Measure("boundary F1, as published", "", "higher"),
}

_OF_PIXELS = {
    "abs_rel": depth.absolute_relative,
    "sq_rel": depth.squared_relative,
    "rmse": depth.rmse,
    "rmse_log": depth.rmse_log,
    "i_rmse": depth.inverse_rmse,
    "log10": depth.log10,
    "silog": depth.silog,
    "delta1": depth.delta1,
    "delta2": depth.delta2,
    "delta3": depth.delta3,
}


def measure(prediction, truth, valid, true_edges=None) -> dict[str, float]:
    """Compute all `MEASURES`; NaN for those that this picture does not allow.

    Args:
        prediction: (H, W) meters, finite where valid; clamped to at least `NEAREST`.
        truth: (H, W) meters, finite and positive where valid.
        valid: (H, W) bool, where there is ground truth. Only the "as published" metrics, which have
            no mask, and DBE with annotated edges use invalid pixels; they read non-finite values
            there as 0.
        true_edges: (H, W) bool, hand-annotated edges for the depth boundary errors.

    Raises:
        MeasureError: The maps differ in size, or a valid pixel has no usable depth.
    """
    prediction, truth = np.asarray(prediction, np.float32), np.asarray(truth, np.float32)
    _check(prediction, truth, valid)
    # The released DBE evaluation does not clamp predictions, not even negative ones.
    as_predicted, truth = _finite(prediction), _finite(truth)
    prediction = np.maximum(as_predicted, NEAREST)

    pixels = prediction[valid].astype(np.float64), truth[valid].astype(np.float64)
    values = {name: function(*pixels) for name, function in _OF_PIXELS.items()}
    values["dbe_accuracy"], values["dbe_completeness"] = depth_boundary_errors(
        prediction, truth, valid, true_edges
    )
    values["dbe_accuracy_published"], values["dbe_completeness_published"] = (
        published_depth_boundary_errors(as_predicted, truth)
    )
    boundary = boundary_scores(prediction, truth, valid)
    values |= {f"boundary_{name}": score for name, score in boundary.items()}
    values["boundary_f1_published"] = published_boundary_f1(prediction, np.maximum(truth, NEAREST))
    return values


def _check(prediction, truth, valid):
    if not prediction.shape == truth.shape == valid.shape:
        raise MeasureError(
            "Prediction, ground truth and valid mask differ in size:"
            f" {prediction.shape}, {truth.shape} and {valid.shape}."
        )
    for name, good in (
        ("prediction is not finite", np.isfinite(prediction)),
        ("ground truth is not finite and positive", np.isfinite(truth) & (truth > 0)),
    ):
        bad = np.count_nonzero(valid & ~good)
        if bad:
            raise MeasureError(f"The {name} at {bad} of the valid pixels.")


def _finite(depth_map):
    return np.where(np.isfinite(depth_map), depth_map, 0)
