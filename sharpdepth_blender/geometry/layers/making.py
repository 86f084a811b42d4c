"""Making of a layer: its colors in a frame of its own, and the surface on which they lie."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..fill import fill_smooth
from ..intrinsics import Intrinsics
from ..planes import FlatDepth, continue_planes_of
from ..windows import near_to
from .cut import Cut
from .disocclusion import overscan
from .frame import common_windows, seen_in, sides_of, with_borders
from .kept_layer import KeptLayer
from .layer import Layer
from .place import DOME_BORDER, RECESS, Place
from .relief import (
    behind,
    continue_depth,
    depth_at,
    dome,
    grid_step,
    lay_plane,
    lay_surface,
    sample_places,
)
from .seams import Seams
from .stack import Sheet

# Overscan of a layer in sides of the picture: more is left out, of the farthest refused.
MOST_OVERSCAN = 1.0

# Samples along the longer side of a plane or a dome: few, as all of them are on it.
_SMOOTH_GRID = 96


@dataclass(frozen=True)
class PartedPicture:
    """What all layers of one picture are made from.

    Attributes:
        depth: (H, W) meters, 0 where there is none.
        intrinsics: Of that size.
        cut: How it is parted.
        seams: The borders of its layers.
        flat: The depth laid on its planes; None where no layer is of them.
        grid: Depth samples along the longer side of a relief, at most.
        is_linear: Whether colors are linear light, not sRGB in 0..1.
    """

    depth: np.ndarray
    intrinsics: Intrinsics
    cut: Cut
    seams: Seams
    flat: FlatDepth | None
    grid: int
    is_linear: bool


def make_layer(
    parted: PartedPicture,
    place: Place,
    sheet: Sheet | None,
    seen: np.ndarray,
    before: Sequence[Layer | KeptLayer],
    painted: tuple[np.ndarray, Intrinsics] | None,
) -> Layer:
    """Make one layer.

    Args:
        parted: What it shares with the others.
        place: Where it stands.
        sheet: Its colors inside the picture; None if it shows nothing.
        seen: (H, W) bool, where no layer before it hides it.
        before: The layers before it in order.
        painted: (H, W) bool where something is painted on it, and the intrinsics of that mask.
    """
    step, borders = _grid(parted, place, seen) if sheet else (1, [0, 0, 0, 0])
    rgba, known, invented = _framed(sheet, parted.intrinsics, borders, parted.is_linear)
    framed = with_borders(parted.intrinsics, borders)
    relief = None
    if _is_relief(place):
        support = rgba[..., 3] > 0
        if painted is not None:
            mask, frame = painted
            support |= seen_in(mask[..., None], frame, framed)[..., 0] > 0
        there, _ = common_windows(framed, parted.intrinsics)
        relief = _relief(parted, place, known[there], support, seen, before, step, borders)
        relief = np.minimum(relief * np.float32(place.scale), np.float32(place.wall))
    return Layer(
        place.settings.id, rgba, framed, place.distance, relief, place.share, known, invented,
        place.scale,
    )  # fmt: skip


def _is_relief(place: Place) -> bool:
    return place.settings.kind not in ("CARD", "SKY")


def _grid(parted: PartedPicture, place: Place, seen: np.ndarray) -> tuple[int, list[int]]:
    """Pixels between two samples of depth, and those beyond the picture's borders."""
    kind, sides = place.settings.kind, sides_of(parted.intrinsics)
    wanted = overscan(parted.intrinsics, parted.cut.move, place.near)
    if kind == "DOME":
        ends = (seen[:, 0], seen[:, -1], seen[0], seen[-1])
        wanted = tuple(
            max(border, DOME_BORDER * side * end.any())
            for border, side, end in zip(wanted, sides, ends, strict=True)
        )
    borders = [
        math.ceil(min(border, MOST_OVERSCAN * side)) + 1
        for border, side in zip(wanted, sides, strict=True)
    ]
    if not _is_relief(place):
        return 1, borders
    # A surface ends at the middle of its outermost blocks.
    height, width = parted.depth.shape
    grid = min(parted.grid, _SMOOTH_GRID) if kind in ("PLANE", "DOME") else parted.grid
    step = grid_step(max(width + sum(borders[:2]), height + sum(borders[2:])), grid)
    borders = [border + step for border in borders]
    borders[1] += -(width + sum(borders[:2])) % step
    borders[3] += -(height + sum(borders[2:])) % step
    return step, borders


def _relief(
    parted: PartedPicture,
    place: Place,
    known: np.ndarray,
    support: np.ndarray,
    seen: np.ndarray,
    before: Sequence[Layer | KeptLayer],
    step: int,
    borders: list[int],
) -> np.ndarray:
    """Depth samples of a layer's surface, as it is before it is pushed back."""
    (height, width), intrinsics = parted.depth.shape, parted.intrinsics
    left, right, top, bottom = borders
    places = (
        sample_places(height, top, bottom, step), sample_places(width, left, right, step)
    )  # fmt: skip
    kind, bounds = place.settings.kind, (place.near / place.scale, place.far / place.scale)
    if kind == "PLANE" and place.plane is not None:
        disparity = place.plane.disparity(intrinsics, *places)
        return lay_plane(disparity, borders, support, bounds, place.limits, step)
    if kind == "DOME":
        disparity = dome(place.distance / place.scale, intrinsics, places)
        return lay_surface(disparity, support, step)
    depth, seams = parted.depth, parted.seams
    own = seams.own(known & (depth > 0))
    # Where its surface goes on through the layer beside it, that has measured it.
    touch = seams.contact & near_to(own, 2 * place.settings.edge + 1) & (depth > 0) & ~own
    own |= touch
    depth = np.where(touch, np.clip(depth, *place.limits), depth)
    planes, recess = None, 1.0
    if kind == "PLANES" and parted.flat is not None:
        layers = parted.cut.layers
        first = [layer.kind for layer in layers].index("PLANES")
        recess = (1 + RECESS) ** (layers.index(place.settings) - first)
        nearer = _depth_before(before, with_borders(intrinsics, borders))
        nearer *= np.float32((1 + RECESS) / (place.scale * recess))
        planes = continue_planes_of(parted.flat.found, own, intrinsics, *places)
        planes = behind(planes, nearer, step)
    relief = continue_depth(depth, own, borders, support, seen, bounds, place.limits, step, planes)
    return relief * np.float32(recess)


def _depth_before(layers: Sequence[Layer | KeptLayer], framed: Intrinsics) -> np.ndarray:
    """(H, W) meters of the farthest of layers that show anything, in a frame; 0 where none does."""
    farthest = np.zeros((framed.height, framed.width), np.float32)
    for layer in layers:
        there, here = common_windows(layer.intrinsics, framed)
        if layer.depth is None:
            stands = np.full((1, 1), layer.distance, np.float32)
        else:
            step = len(layer.rgba) // len(layer.depth)
            stands = depth_at(
                layer.depth,
                *((np.arange(each.start, each.stop) - (step - 1) / 2) / step for each in there),
            )
        shows = layer.rgba[there][..., 3] > 0
        farthest[here] = np.where(shows, np.maximum(farthest[here], stands), farthest[here])
    return farthest


def _framed(
    sheet: Sheet | None, intrinsics: Intrinsics, borders: Sequence[int], is_linear: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A sheet in its frame: its colors and alpha, and `Layer.known` and `Layer.invented`."""
    left, right, top, bottom = borders
    around, size = ((top, bottom), (left, right)), (intrinsics.height, intrinsics.width)
    frame = tuple(side + sum(pair) for side, pair in zip(size, around, strict=True))
    rgba = np.zeros((*frame, 4), np.float32)
    known, invented, there = (np.zeros(frame, bool) for _ in range(3))
    if sheet is None:
        return rgba, known, invented
    here = tuple(
        slice(each.start + first, each.stop + first)
        for each, (first, _) in zip(sheet.window, around, strict=True)
    )
    known[here], there[here] = sheet.core, True
    color = np.zeros((3, *frame), np.float32)
    color[(slice(None), *here)] = sheet.color
    alpha = np.zeros(size, np.float32)
    alpha[sheet.window] = sheet.alpha
    rgba[..., 3] = np.pad(alpha, around, mode="edge")
    invented[:] = True
    invented[top : top + size[0], left : left + size[1]] = False
    invented[here] = sheet.invented
    invented &= rgba[..., 3] > 0
    color = fill_smooth(color, there, invented, known, origin=(-top, -left), is_linear=is_linear)
    rgba[..., :3] = np.moveaxis(color, 0, -1)
    return rgba, known, invented
