"""From relative depth to meters, with everything that can go wrong in it."""

from dataclasses import dataclass, field

import numpy as np

SMALLEST_SHARE = 0.01  # of the measured pixels must agree before a fit is trusted
NEAREST = 0.1  # of the nearest metric depth; what comes out nearer is overshoot of the fit
FAR_APART = 0.1  # median share of the metric depth from which on the user is told
FLATTEST = 1e-5  # a depth map whose range is a smaller share of its maximum has no shape
LARGEST_OVERSHOOT = 0.1  # share of the pixels that may be replaced before the fit is refused


@dataclass(frozen=True)
class Alignment:
    """Sharpened depth, or the metric depth where the fit cannot be trusted.

    Attributes:
        depth: Meters, (H, W) float32, finite and above zero.
        scale: `a` of `a · prediction + b`, kept for the reader even if refused; 0 without a fit.
        shift: `b`, meters, likewise.
        valid: (H, W) bool, the pixels that the fit looked at; None without a fit.
        fitted: Whether `depth` is the fit, rather than the metric depth.
        notes: A sentence for each guard that acted.
    """

    depth: np.ndarray
    scale: float = 0.0
    shift: float = 0.0
    valid: np.ndarray | None = None
    fitted: bool = False
    notes: list[str] = field(default_factory=list)


def is_flat(depth) -> bool:
    """Whether meters, an array or tensor, have no shape that could be normalized or sharpened."""
    return bool(depth.max() - depth.min() <= FLATTEST * depth.max())


def keep(metric, reason: str, scale=0.0, shift=0.0, valid=None) -> Alignment:
    """The metric depth itself, and why."""
    note = f"{reason}; the metric depth is returned as it is."
    return Alignment(metric.copy(), scale, shift, valid, notes=[note])


def align(prediction, metric, difference, measured) -> Alignment:
    """Fit `metric ≈ a · prediction + b` by least squares where both models agree.

    Args:
        prediction: Relative depth p, (H, W).
        metric: Meters, (H, W), finite and above zero.
        difference: e, (H, W) in 0..1; the fit looks where e < 0.5.
        measured: (H, W) bool, False where `metric` was only filled in.
    """
    valid = (1 - difference > 0.5) & measured
    if not (np.isfinite(prediction).all() and np.isfinite(difference).all()):
        return keep(
            metric, "The diffusion model answered with values that are not finite", valid=valid
        )
    count = np.count_nonzero(valid)
    if count < max(2, SMALLEST_SHARE * np.count_nonzero(measured)):
        reason = f"The diffusion model agrees with the metric depth on only {count} px"
        return keep(metric, reason, valid=valid)

    # float64 and centered, so that a large shift costs no digits of the scale.
    p, d = prediction[valid].astype(np.float64), metric[valid].astype(np.float64)
    p_mean, d_mean = p.mean(), d.mean()
    spread = np.square(p - p_mean).mean()
    if spread <= (1e-6 * max(1.0, abs(p_mean))) ** 2:
        return keep(
            metric, "The diffusion model sees no depth where it could be fitted", valid=valid
        )
    scale = float(((p - p_mean) * (d - d_mean)).mean() / spread)
    shift = float(d_mean - scale * p_mean)
    if scale <= 0:
        reason = f"The sharpened depth runs against the metric depth (scale {scale:.3g})"
        return keep(metric, reason, scale, shift, valid)

    depth = (scale * prediction + shift).astype(np.float32)
    overshoot = depth < NEAREST * metric.min()
    share = overshoot.mean()
    if share > LARGEST_OVERSHOOT:
        reason = f"{share:.0%} of the sharpened depth falls on the camera or behind it"
        return keep(metric, reason, scale, shift, valid)
    notes = []
    if share:
        depth = np.where(overshoot, metric, depth)
        notes.append(
            f"{np.count_nonzero(overshoot)} px fell on the camera or behind it "
            "and hold the metric depth instead."
        )
    apart = float(np.median(np.abs(depth[measured] / metric[measured] - 1)))
    if apart > FAR_APART:
        notes.append(
            f"Sharpened and metric depth are {apart:.0%} apart on the median; "
            "one of the two misjudges this picture."
        )
    return Alignment(depth, scale, shift, valid, True, notes)
