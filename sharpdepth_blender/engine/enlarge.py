"""Depth upsampling to picture resolution, with edges as sharp as the picture's.

Joint bilateral upsampling (Kopf et al., SIGGRAPH 2007) of log depth, by a factor of two at a time
and only near depth edges. Elsewhere, interpolation preserves planes, so that surface texture never
becomes relief, however strong it is. Ramps of the map that are wider than this reaches become edges
first.
"""

import torch
import torch.nn.functional as F

from .edges import bend
from .ramps import firm_ramps
from .windows import disc, largest, neighbors_at, square

REACH = 2  # filter radius, pixels of the smaller map
SPREAD = 1.5  # standard deviation of distance, in these pixels
COLOR = 0.05  # standard deviation of color, sRGB in 0..1
GRAIN = 0.08  # likewise, for pixels that differ by film grain only
# Minimum bend of a surface, as a fraction of disparity, that counts as an edge. Ripples of a steep
# floor have up to 0.05, and its light and shadow must not become relief.
EDGE = 0.08
AT_ONCE = 1 << 19  # pixels per chunk


def enlarge(log: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """Upsample a depth map to a picture's size.

    Args:
        log: Logarithm of meters, (h, w).
        picture: (3, H, W) in 0..1, showing the same view as the map.

    Returns:
        (H, W) float32, logarithm of meters.
    """
    height, width = picture.shape[1:]
    small = _resized(picture, log.shape)
    log = firm_ramps(log, small)
    while log.shape != (height, width):
        size = _next_size(log.shape, (height, width))
        larger = picture if size == (height, width) else _resized(picture, size)
        log = _step(log, small, larger)
        small = larger
    return log


def enlarge_smoothly(log: torch.Tensor, size) -> torch.Tensor:
    """Resize a depth map bilinearly in 1/z, in which planes are linear.

    Beyond the outermost samples it is extrapolated linearly, so that planes extend to the border.

    Args:
        log: Logarithm of meters, (h, w).
        size: (H, W).

    Returns:
        (H, W) float32, logarithm of meters.
    """
    disparity = (log.min() - log).exp()  # at most 1, whatever the unit of depth
    for axis, length in enumerate(size):
        disparity = _linearly(disparity, length, axis)
    return log.min() - disparity.log()


def _linearly(values, length, axis) -> torch.Tensor:
    smaller = values.shape[axis]
    if smaller == length:
        return values
    wide = torch.cat([_beyond(values, axis), values, _beyond(values.flip(axis), axis)], axis)
    place = (torch.arange(length) + 0.5) * smaller / length + 0.5
    below = place.floor().long().clamp(max=smaller)
    share = (place - below).reshape([-1 if each == axis else 1 for each in range(2)])
    return torch.lerp(wide.index_select(axis, below), wide.index_select(axis, below + 1), share)


def _beyond(values, axis) -> torch.Tensor:
    """Extrapolate linearly to the sample before the first, from the first three.

    If these are not on a line, an edge is near: the smaller of the two slopes is used (minmod
    limiter), or zero if they differ in sign. Halfway there, positive values stay positive.
    """
    first, near, far = (values.narrow(axis, min(i, values.shape[axis] - 1), 1) for i in range(3))
    one, other = near - first, far - near
    slope = torch.where(one.abs() < other.abs(), one, other) * (one * other > 0)
    return first - torch.minimum(slope, 1.5 * first)


def _step(log, small, larger) -> torch.Tensor:
    """One upsampling step, guided by the picture at both sizes."""
    height, width = larger.shape[1:]
    result = enlarge_smoothly(log, (height, width))
    edges = largest(bend(log), REACH)
    down, row_rest = _nearest(height, log.shape[0])
    right, column_rest = _nearest(width, log.shape[1])
    chosen = (edges > EDGE)[down][:, right].nonzero()
    for part in chosen.split(AT_ONCE):
        y, x = part.unbind(1)
        cy, cx = down[y], right[x]
        own, smooth = _without_grain(larger, y, x), result[y, x]
        total, weights = torch.zeros_like(smooth), torch.zeros_like(smooth)
        offsets = square(REACH)
        around = neighbors_at(cy, cx, offsets, small, log)
        for (dy, dx), (color, depth) in zip(offsets, around, strict=True):
            apart = (color - own).square().sum(0) / COLOR**2
            apart += ((row_rest[y] - dy).square() + (column_rest[x] - dx).square()) / SPREAD**2
            weight = torch.exp(-apart / 2)
            total += weight * depth
            weights += weight
        # If no neighbor has the pixel's color, the smooth value is the best guess.
        total, weights = total + 1e-6 * smooth, weights + 1e-6
        share = ((edges[cy, cx] - EDGE) / EDGE).clamp(0, 1)
        result[y, x] = torch.lerp(smooth, total / weights, share)
    return _without_frays(result, chosen)


def _without_grain(picture, y, x) -> torch.Tensor:
    """Return denoised colors of chosen pixels, (3, N): the mean of similar pixels around them.

    Otherwise edges would jitter from frame to frame along with the grain.
    """
    own = picture[:, y, x]
    total, weights = torch.zeros_like(own), torch.zeros_like(own[0])
    for (near,) in neighbors_at(y, x, disc(2), picture):
        weight = torch.exp((near - own).square().sum(0) / (-2 * GRAIN**2))
        total += weight * near
        weights += weight
    return total / weights


def _without_frays(log, chosen) -> torch.Tensor:
    """Apply a 3 x 3 median at (N, 2) chosen pixels.

    Colors of single pixels fray an edge, and every fray would tear the surface.
    """
    result = log.clone()
    for part in chosen.split(AT_ONCE // 9):
        y, x = part.unbind(1)
        near = [values for (values,) in neighbors_at(y, x, square(1), log)]
        result[y, x] = torch.stack(near).median(0).values
    return result


def _next_size(size, whole) -> tuple[int, int]:
    """Return twice the size, or the full size if that is closer to it than to half of it."""
    if 3 * max(size) > max(whole):
        return tuple(whole)
    return tuple(min(2 * side, most) for side, most in zip(size, whole, strict=True))


def _nearest(length: int, smaller: int):
    """Map `length` pixels to the nearest of `smaller` ones; return index and offset."""
    place = (torch.arange(length) + 0.5) * smaller / length - 0.5
    nearest = place.round().clamp(0, smaller - 1)
    return nearest.long(), place - nearest


def _resized(picture, size) -> torch.Tensor:
    return F.interpolate(picture[None], tuple(size), mode="bilinear", antialias=True)[0]
