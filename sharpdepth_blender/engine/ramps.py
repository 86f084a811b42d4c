"""Blurred depth edges, made as steep as the picture has them at a map's own resolution.

Small models pass from one surface to the next over a tenth of the picture, and a mesh of that has
curtains from each thing to what is behind it. A weighted median filter (Ma et al., ICCV 2013) takes
every pixel there to the depth of those around it that have its color.
"""

import torch

from .edges import bend, steps
from .windows import disc, largest, neighbors_at, spiral

REACH = 1 / 24  # filter radius, of the longer side
SAMPLES = 32  # pixels within it that are looked at
PASSES = 2
COLOR = 0.06  # standard deviation of color, sRGB in 0..1
APART = 1 / 32  # half the width of the ramps that are looked for, of the longer side
# Minimum bend over that width, as a fraction of disparity: what small models make of sunlight and
# of boards on a floor is less.
BEND = 0.25
# The largest step from a pixel to the next, as a share of the range of depth around: a ramp has
# less, all of it below the first and none above the second; an edge that is sharp is left alone.
RAMP, SHARP = 0.25, 0.45
AT_ONCE = 1 << 13  # pixels per chunk


def firm_ramps(log: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """Make steps of the ramps between surfaces where the picture has their edge.

    Args:
        log: Logarithm of meters, (h, w).
        picture: (3, h, w) in 0..1, showing the same view.

    Returns:
        (h, w), the same object if there is no ramp.
    """
    share = _ramps(log)
    chosen = share.nonzero()
    if not len(chosen):
        return log
    reach = max(1, round(REACH * max(log.shape)))
    for _ in range(PASSES):
        log = _blended(log, picture, share, chosen, spiral(reach, SAMPLES), _median)
    # A median picks one of the depths around, so that a surface would be rough.
    return _blended(log, picture, share, chosen, disc(2), _average)


def _ramps(log) -> torch.Tensor:
    """Return how much of a ramp each pixel is on, (h, w) in 0..1."""
    apart = max(1, round(APART * max(log.shape)))
    bent = ((2 * largest(bend(log, apart), apart) - 2 * BEND) / BEND).clamp(0, 1)
    # A bend is told up to twice as far from an edge.
    span = largest(log, 2 * apart) + largest(-log, 2 * apart)
    steepest = largest(steps(log), 2 * apart) / span.clamp_min(1e-6)
    return bent * ((SHARP - steepest) / (SHARP - RAMP)).clamp(0, 1)


def _blended(log, picture, share, chosen, offsets, choose) -> torch.Tensor:
    """Blend `choose` of the depths around into the map at (N, 2) chosen pixels."""
    result = log.clone()
    for part in chosen.split(AT_ONCE):
        y, x = part.unbind(1)
        own, depths, weights = picture[:, y, x], [], []
        for color, depth in neighbors_at(y, x, offsets, picture, log):
            depths.append(depth)
            weights.append(torch.exp((color - own).square().sum(0) / (-2 * COLOR**2)))
        new = choose(torch.stack(depths), torch.stack(weights))
        result[y, x] = torch.lerp(log[y, x], new, share[y, x])
    return result


def _median(values, weights) -> torch.Tensor:
    """Return the weighted median along the first axis.

    Between two values it is interpolated, so that grain does not decide for one of them.
    """
    values, order = values.sort(0)
    weights = weights.gather(0, order)
    below = weights.cumsum(0) - weights / 2
    half = weights.sum(0, keepdim=True) / 2
    after = (below < half).sum(0, keepdim=True).clamp(1, len(values) - 1)
    (low, one), (high, other) = (
        (below.gather(0, place), values.gather(0, place)) for place in (after - 1, after)
    )
    share = (half - low) / (high - low).clamp_min(1e-12)
    return torch.lerp(one, other, share.clamp(0, 1))[0]


def _average(values, weights) -> torch.Tensor:
    return (weights * values).sum(0) / weights.sum(0)
