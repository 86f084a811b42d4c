"""Shared helpers of the edge-preserving depth filters: neighborhoods and window means."""

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F


def disc(radius: int) -> list[tuple[int, int]]:
    """Return the offsets (down, right) of all pixels within a radius, pixels."""
    reach = range(-radius, radius + 1)
    return [(y, x) for y in reach for x in reach if y * y + x * x <= radius * radius]


def square(radius: int) -> list[tuple[int, int]]:
    """Return the offsets (down, right) of all pixels within a radius along each axis, pixels."""
    reach = range(-radius, radius + 1)
    return [(y, x) for y in reach for x in reach]


def spiral(radius: float, count: int) -> list[tuple[int, int]]:
    """Return offsets (down, right) of at most `count` pixels, spread evenly over a disc.

    They lie as the seeds of a sunflower do. With a grid as sparse, some pixels would never see
    every second row, and its pattern would show.
    """
    turn = math.pi * (3 - math.sqrt(5))
    seeds = [(radius * math.sqrt(seed / count), seed * turn) for seed in range(count)]
    return sorted(
        {(round(far * math.sin(angle)), round(far * math.cos(angle))) for far, angle in seeds}
    )


def neighbors(radius: int, *maps: torch.Tensor, offsets=None) -> Iterator[tuple]:
    """Yield the maps shifted by every offset of a disc, with edge padding.

    Args:
        radius: Pixels.
        maps: (..., h, w) each.
        offsets: Offsets to use instead of the disc, at most `radius` along each axis.

    Yields:
        (squared distance in pixels, the shifted maps, each (..., h, w)).
    """
    height, width = maps[0].shape[-2:]
    padded = [
        F.pad(each.reshape(1, -1, height, width), (radius,) * 4, mode="replicate").reshape(
            *each.shape[:-2], height + 2 * radius, width + 2 * radius
        )
        for each in maps
    ]
    for y, x in disc(radius) if offsets is None else offsets:
        top, left = radius + y, radius + x
        yield (
            y * y + x * x,
            *(each[..., top : top + height, left : left + width] for each in padded),
        )


def neighbors_at(y, x, offsets, *maps: torch.Tensor) -> Iterator[tuple]:
    """Yield the maps at chosen pixels shifted by every offset, with edge padding.

    Args:
        y: (N,) rows.
        x: (N,) columns.
        offsets: (down, right) in pixels.
        maps: (..., h, w) each.

    Yields:
        The values there, each (..., N).
    """
    height, width = maps[0].shape[-2:]
    for down, right in offsets:
        row, column = (y + down).clamp(0, height - 1), (x + right).clamp(0, width - 1)
        yield tuple(each[..., row, column] for each in maps)


def largest(values: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the maximum over windows of 2 radius + 1 pixels, for (h, w)."""
    side = 2 * radius + 1
    across = F.max_pool2d(values[None, None], (1, side), 1, (0, radius))
    return F.max_pool2d(across, (side, 1), 1, (radius, 0))[0, 0]


def mean(values: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean over windows of 2 radius + 1 pixels, fewer at the border, for (h, w)."""
    for side, rim in (((1, 2 * radius + 1), (0, radius)), ((2 * radius + 1, 1), (radius, 0))):
        values = F.avg_pool2d(values[None, None], side, 1, rim, count_include_pad=False)[0, 0]
    return values
