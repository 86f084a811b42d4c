"""Drawn mask: a Mask datablock of Blender's, with its animation, at a picture's pixels.

Blender's masks have a unit square about the middle of the picture, as wide as its longer side.
"""

import bpy
import numpy as np

from ...geometry.masks import Outline, combine, falloff, flatten, rasterize
from ..evaluation import depsgraph_of


def drawn_values(
    scene: bpy.types.Scene, mask: bpy.types.Mask, width: int, height: int
) -> np.ndarray:
    """A mask as it is at the scene's current frame.

    Args:
        scene: Whose frame it is.
        mask: Datablock; layers that are hidden in renders do not count.
        width: Of the picture, in pixels.
        height: Likewise.

    Returns:
        (height, width) float32, row 0 at the top, 0..1.
    """
    shown = mask.evaluated_get(depsgraph_of(scene))
    values = np.zeros((height, width), np.float32)
    for layer in shown.layers:
        if layer.hide_render:
            continue
        own = np.zeros_like(values)
        for spline in layer.splines:
            if outline := _outline(spline, width, height):
                np.maximum(own, rasterize(outline, width, height), out=own)
        own = falloff(own, layer.falloff)
        if layer.invert:
            own = 1 - own
        values = combine(values, own, layer.blend, layer.alpha)
    return values.astype(np.float32)


def _outline(spline: bpy.types.MaskSpline, width: int, height: int) -> Outline | None:
    count = len(spline.points)
    if count < 2:
        return None
    longest = max(width, height)

    def pixels(name: str) -> np.ndarray:
        flat = np.empty(2 * count, np.float32)
        spline.points.foreach_get(name, flat)
        x, y = (flat.reshape(-1, 2).astype(np.float64) - 0.5).T * longest
        return np.stack([x + width / 2, height / 2 - y], -1)

    closed = spline.use_cyclic
    knots, before, after = (pixels(name) for name in ("co", "handle_left", "handle_right"))
    points, places = flatten(knots, before, after, closed)
    feather = np.interp(places, *_weights(spline, closed)) * longest
    return Outline(points, feather, closed and spline.use_fill)


def _weights(spline: bpy.types.MaskSpline, closed: bool) -> tuple[list[float], list[float]]:
    """Places on a spline, as of `flatten`, and the feather there, in the mask's units."""
    found: list[tuple[float, float]] = []
    points = list(spline.points)
    eased = spline.weight_interpolation == "EASE"
    for index, point in enumerate(points):
        found.append((index, point.weight))
        own = [(each.u, each.weight) for each in point.feather_points]
        found += [(index + u, weight) for u, weight in own]
    if closed:
        found.append((len(points), points[0].weight))
    found.sort()
    if eased:
        found = _eased(found)
    return [place for place, _ in found], [weight for _, weight in found]


def _eased(found: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """More places between, at which the feather changes gently at both ends."""
    more = []
    for (start, one), (end, other) in zip(found[:-1], found[1:], strict=True):
        for t in np.arange(8) / 8:
            share = 3 * t**2 - 2 * t**3
            more.append((start + t * (end - start), one + share * (other - one)))
    return [*more, found[-1]]
