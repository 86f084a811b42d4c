"""Global alignment of relative depth to meters, with guards against bad fits."""

from dataclasses import dataclass, field

import numpy as np

SMALLEST_SHARE = 0.01  # minimum fraction of measured pixels that must agree for a trusted fit
NEAREST = 0.1  # of the smallest metric depth; anything nearer is overshoot of the fit
FAR_APART = 0.1  # median relative deviation from the metric depth that is reported to the user
FLATTEST = 1e-5  # a depth map with a smaller ratio of range to maximum counts as flat
LARGEST_OVERSHOOT = 0.1  # maximum fraction of pixels replaced before the fit is rejected


@dataclass(frozen=True)
class Alignment:
    """Sharpened depth, or the metric depth if the fit cannot be trusted.

    Attributes:
        depth: Meters, (H, W) float32, finite and positive.
        scale: `a` in `a · prediction + b`, kept for reference even if rejected; 0 without a fit.
        shift: `b`, meters, likewise.
        valid: (H, W) bool, the pixels used for the fit; None without a fit.
        fitted: Whether `depth` is the fit rather than the metric depth.
        notes: One sentence per guard that acted.
    """

    depth: np.ndarray
    scale: float = 0.0
    shift: float = 0.0
    valid: np.ndarray | None = None
    fitted: bool = False
    notes: list[str] = field(default_factory=list)


def is_flat(depth) -> bool:
    """Whether depth, an array or tensor, is too flat to be normalized or sharpened."""
    return bool(depth.max() - depth.min() <= FLATTEST * depth.max())


def keep(metric, reason: str, scale=0.0, shift=0.0, valid=None) -> Alignment:
    """Return the unchanged metric depth, with the reason."""
    note = f"{reason}; the metric depth is returned unchanged."
    return Alignment(metric.copy(), scale, shift, valid, notes=[note])


def align(prediction, metric, difference, measured) -> Alignment:
    """Fit `metric ≈ a · prediction + b` by least squares where both models agree.

    Args:
        prediction: Relative depth p, (H, W).
        metric: Meters, (H, W), finite and positive.
        difference: e, (H, W) in 0..1; pixels with e < 0.5 are fitted.
        measured: (H, W) bool, False where `metric` was only filled in.
    """
    valid = (1 - difference > 0.5) & measured
    if not (np.isfinite(prediction).all() and np.isfinite(difference).all()):
        return keep(metric, "The diffusion model returned values that are not finite", valid=valid)
    count = np.count_nonzero(valid)
    if count < max(2, SMALLEST_SHARE * np.count_nonzero(measured)):
        reason = f"The diffusion model agrees with the metric depth on only {count} px"
        return keep(metric, reason, valid=valid)

    # float64 and centered, so that a large shift does not cost precision of the scale.
    p, d = prediction[valid].astype(np.float64), metric[valid].astype(np.float64)
    p_mean, d_mean = p.mean(), d.mean()
    spread = np.square(p - p_mean).mean()
    if spread <= (1e-6 * max(1.0, abs(p_mean))) ** 2:
        return keep(
            metric, "The diffusion model predicts constant depth in the fitted pixels", valid=valid
        )
    scale = float(((p - p_mean) * (d - d_mean)).mean() / spread)
    shift = float(d_mean - scale * p_mean)
    if scale <= 0:
        reason = f"The sharpened depth is inverted against the metric depth (scale {scale:.3g})"
        return keep(metric, reason, scale, shift, valid)

    depth = (scale * prediction + shift).astype(np.float32)
    overshoot = depth < NEAREST * metric.min()
    share = overshoot.mean()
    if share > LARGEST_OVERSHOOT:
        reason = f"{share:.0%} of the sharpened depth is at or behind the camera"
        return keep(metric, reason, scale, shift, valid)
    notes = []
    if share:
        depth = np.where(overshoot, metric, depth)
        notes.append(
            f"{np.count_nonzero(overshoot)} px have the metric depth, because the sharpened one "
            "was not in front of the camera."
        )
    apart = float(np.median(np.abs(depth[measured] / metric[measured] - 1)))
    if apart > FAR_APART:
        notes.append(
            f"Sharpened and metric depth differ by {apart:.0%} (median): compare them with "
            "Sharpness at 0 and 1, and try another model or another metric depth."
        )
    return Alignment(depth, scale, shift, valid, True, notes)
