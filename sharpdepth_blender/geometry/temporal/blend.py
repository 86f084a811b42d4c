"""Blend: a frame mixed with those around it that see the same."""

from collections.abc import Iterable, Sequence

import numpy as np

from .reprojection import View, reproject

# How far another frame's depth may be off and still count, in logarithms: so many times what the
# two differ by on the median, which is their noise, within bounds. What moves, or was hidden,
# differs by more and is left as it is.
_TIMES, _LOW, _HIGH = 12.0, 0.05, 0.25


def blend(
    one: View,
    maps: Sequence[np.ndarray],
    others: Iterable[tuple[View, Sequence[np.ndarray], float, bool]],
) -> list[np.ndarray]:
    """Mix a frame's depth maps with what the frames around it see at the same points.

    Each map becomes the weighted geometric mean of its own value and the others', brought to this
    camera. A frame `n` away weighs `exp(-n^2 / (2 reach^2))`, times `(1 - (q / tolerance)^2)^2` of
    its disagreement q at that point, nothing beyond the tolerance. Sharp edges stay: what lies on
    the other side of one is beyond it.

    Args:
        one: The frame; its depth is where its points are looked for.
        maps: Its maps to be mixed, (H, W) float32 meters, holes 0.
        others: For each frame around it (view, maps like `maps`, n / reach, turning_only).

    Returns:
        The mixed maps, (H, W) float32 meters, with holes where they were.
    """
    sums = [np.zeros_like(each) for each in maps]
    weights = [np.ones_like(each) for each in maps]
    for look, theirs, distance, turning_only in others:
        there = reproject(one, look, theirs, 1, turning_only)
        share = np.float32(np.exp(-0.5 * distance**2))
        for total, weight, mine, seen in zip(sums, weights, maps, there.seen, strict=True):
            with np.errstate(invalid="ignore", divide="ignore"):
                off = np.log(seen / (mine * there.rate + np.float32(there.offset)))
            here = np.isfinite(off)
            if not here.any():
                continue
            noise = float(np.median(np.abs(off[here])))
            tolerance = np.float32(np.clip(_TIMES * noise, _LOW, _HIGH))
            off = np.where(here, off, tolerance)
            counted = share * np.square(np.maximum(1 - np.square(off / tolerance), 0))
            total += counted * off
            weight += counted
    return [
        np.where(mine > 0, mine * np.exp(total / weight), np.float32(0))
        for mine, total, weight in zip(maps, sums, weights, strict=True)
    ]
