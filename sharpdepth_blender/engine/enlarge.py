"""Depth at the picture's own resolution: edges as sharp as the picture, surfaces as they were.

Joint bilateral enlarging (Kopf et al., SIGGRAPH 2007), twice at a time, of log depth, and only
beside edges of depth. Elsewhere it is enlarged so that planes stay planes, and the texture of a
surface never becomes relief, however strong it is.
"""

import torch
import torch.nn.functional as F

from .windows import disc, largest, neighbors_at, square

REACH = 2  # pixels of the smaller map that are looked at, in each direction
SPREAD = 1.5  # standard deviation of their distance, in these pixels
COLOR = 0.05  # standard deviation of color, sRGB in 0..1
GRAIN = 0.08  # likewise, of pixels that differ by no more than a film's grain
# Of the disparity: a bend of the surface from which on it is an edge. Ripples of a steep floor have
# up to 0.05, and its light and shadow must not become relief.
EDGE = 0.08
AT_ONCE = 1 << 19  # pixels that are computed at once


def enlarge(log: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
    """Bring a depth map to a picture's size.

    Args:
        log: Logarithm of meters, (h, w).
        picture: (3, H, W) in 0..1, which shows the same as the map.

    Returns:
        (H, W) float32, logarithm of meters.
    """
    height, width = picture.shape[1:]
    small = _resized(picture, log.shape)
    while log.shape != (height, width):
        size = _next_size(log.shape, (height, width))
        larger = picture if size == (height, width) else _resized(picture, size)
        log = _step(log, small, larger)
        small = larger
    return log


def enlarge_smoothly(log: torch.Tensor, size) -> torch.Tensor:
    """Bring a depth map to another size, bilinearly in 1/z, in which planes are linear.

    Beyond the outermost samples it goes on at the same slope, so that a plane is one up to the rim.

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
    """The sample before the first, on a line with it and the next two.

    Where these three are not on a line, an edge is near: of the two slopes the smaller one (the
    minmod limiter), none where they differ in sign. Halfway there, values above zero stay so.
    """
    first, near, far = (values.narrow(axis, min(i, values.shape[axis] - 1), 1) for i in range(3))
    one, other = near - first, far - near
    slope = torch.where(one.abs() < other.abs(), one, other) * (one * other > 0)
    return first - torch.minimum(slope, 1.5 * first)


def bend(log: torch.Tensor) -> torch.Tensor:
    """How far each pixel is from lying on a plane with its neighbors, (h, w).

    The second difference of disparity along rows or columns, whichever is larger, as a share of the
    disparity. A plane has none at any slope, because 1/z is linear in the picture.
    """
    disparity = (-log).exp()
    result = torch.zeros_like(log)
    for one, bent in ((disparity, result), (disparity.T, result.T)):
        second = (one[2:] - 2 * one[1:-1] + one[:-2]).abs() / one[1:-1]
        bent[1:-1] = torch.maximum(bent[1:-1], second)
    return result


def _step(log, small, larger) -> torch.Tensor:
    """One enlarging, guided by the picture at both sizes."""
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
        # Where no neighbor has the pixel's color, nothing is known better than the smooth value.
        total, weights = total + 1e-6 * smooth, weights + 1e-6
        share = ((edges[cy, cx] - EDGE) / EDGE).clamp(0, 1)
        result[y, x] = torch.lerp(smooth, total / weights, share)
    return _without_frays(result, chosen)


def _without_grain(picture, y, x) -> torch.Tensor:
    """Color of chosen pixels, (3, N): the mean of those around them that are alike.

    Otherwise an edge moves about from frame to frame, as grain does.
    """
    own = picture[:, y, x]
    total, weights = torch.zeros_like(own), torch.zeros_like(own[0])
    for (near,) in neighbors_at(y, x, disc(2), picture):
        weight = torch.exp((near - own).square().sum(0) / (-2 * GRAIN**2))
        total += weight * near
        weights += weight
    return total / weights


def _without_frays(log, chosen) -> torch.Tensor:
    """Take the median of 3 x 3 pixels at (N, 2) chosen ones.

    The color of single pixels frays an edge, and every fray would tear the surface.
    """
    result = log.clone()
    for part in chosen.split(AT_ONCE // 9):
        y, x = part.unbind(1)
        near = [values for (values,) in neighbors_at(y, x, square(1), log)]
        result[y, x] = torch.stack(near).median(0).values
    return result


def _next_size(size, whole) -> tuple[int, int]:
    """Twice the size, or the whole picture's where that is nearer to it than half of it."""
    if 3 * max(size) > max(whole):
        return tuple(whole)
    return tuple(min(2 * side, most) for side, most in zip(size, whole, strict=True))


def _nearest(length: int, smaller: int):
    """Of each of `length` pixels: the nearest of `smaller` ones, and how far beyond it it lies."""
    place = (torch.arange(length) + 0.5) * smaller / length - 0.5
    nearest = place.round().clamp(0, smaller - 1)
    return nearest.long(), place - nearest


def _resized(picture, size) -> torch.Tensor:
    return F.interpolate(picture[None], tuple(size), mode="bilinear", antialias=True)[0]
