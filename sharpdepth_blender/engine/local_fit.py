"""Local alignment: scale of every region from the metric depth, edges from the sharpener.

A guided filter (He, Sun, Tang, IEEE TPAMI 2013) in log depth, with the globally aligned prediction
as the guide.
"""

import torch

# Window sides as fractions of the picture's longer side. Small windows keep the scale of every
# object, large ones keep walls and ground from following the ripples of the metric depth.
WINDOWS = (0.04, 0.12, 0.36)
EVIDENCE = 0.08  # squared log depth: windows with less variance keep a slope near 1


def fit_locally(prediction, metric, weight) -> torch.Tensor:
    """Fit `metric ≈ a · prediction + b` in every window, and average a and b over windows.

    The result is the mean over all window sizes.

    The slope is `(cov + EVIDENCE) / (var + EVIDENCE)`, so that windows without evidence for a slope
    only adapt the level to the metric depth.

    Args:
        prediction: Logarithm of the aligned prediction, (h, w) float.
        metric: Logarithm of the metric depth, (h, w).
        weight: Pixel weights, (h, w) in 0..1; 0 where not measured.

    Returns:
        Logarithm of the fitted depth, (h, w) float32; the prediction where no window contains a
        pixel with weight.
    """
    prediction, metric, weight = (each.double() for each in (prediction, metric, weight))
    fits = [prediction]
    for share in sorted(WINDOWS, reverse=True):
        radius = max(1, round(share * max(prediction.shape) / 2))
        fits.append(_fit_windows(prediction, metric, weight, radius, fits[-1]))
    return (sum(fits[1:]) / len(WINDOWS)).float()


def _fit_windows(prediction, metric, weight, radius, otherwise) -> torch.Tensor:
    def sums(values):
        return _box_sums(_box_sums(values, radius, -1), radius, -2)

    total = sums(weight)
    there = total > 1e-6
    total = total.clamp_min(1e-6)
    p, d = sums(weight * prediction) / total, sums(weight * metric) / total
    cov = sums(weight * prediction * metric) / total - p * d
    var = sums(weight * prediction.square()) / total - p.square()
    slope = (cov + EVIDENCE) / (var + EVIDENCE)
    shift = d - slope * p
    # A window with little evidence has little weight in the averages.
    total = total * there
    all_total = sums(total)
    slope, shift = sums(total * slope), sums(total * shift)
    fitted = (slope * prediction + shift) / all_total.clamp_min(1e-6)
    return torch.where(all_total > 1e-6, fitted, otherwise)


def _box_sums(values: torch.Tensor, radius: int, axis: int) -> torch.Tensor:
    """Return sums over 2 radius + 1 neighbors along an axis, fewer at its ends."""
    length = values.shape[axis]
    zero = torch.zeros_like(values.narrow(axis, 0, 1))
    running = torch.cat([zero, values.cumsum(axis)], axis)
    index = torch.arange(length)
    last, first = (index + radius + 1).clamp(max=length), (index - radius).clamp(min=0)
    return running.index_select(axis, last) - running.index_select(axis, first)
