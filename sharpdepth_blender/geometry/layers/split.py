"""Split: one picture with its depth becomes layers that a camera may move before."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..intrinsics import Intrinsics
from ..planes import FlatDepth, Plane, continue_planes_of, fit_plane
from ..projection import check_depth
from ..srgb import from_linear
from .cut import Cut
from .disocclusion import disocclusion, overscan
from .labels import label_pixels
from .layer import Layer
from .layer_settings import SKY, LayerSettings
from .relief import behind, continue_depth, grid_step, lay_plane, sample_places
from .stack import Sheet, stack_sheets

# The sky stands so many times as far as anything else.
_SKY_DISTANCE = 10.0
# And so many times at least, however little the camera sees.
_BEHIND = 1.02
# Share of a layer's pixels at either end of its depth that do not count, being strays.
_STRAYS = 1e-3
# Overscan of a layer in sides of the picture: more is left out, of the farthest refused.
_MOST_OVERSCAN = 1.0

# Samples along the longer side of a plane: few, as all of them are on it.
_PLANE_GRID = 96

# Layers that go on along one plane stand behind each other by this share of its depth: so little
# that lines across them break by less than a pixel, and enough that no renderer mixes them.
_RECESS = 2e-3


def split_layers(
    picture: np.ndarray,
    depth: np.ndarray,
    intrinsics: Intrinsics,
    cut: Cut,
    *,
    masks: Mapping[int, np.ndarray] | None = None,
    is_linear: bool = False,
    sight: float = math.inf,
    grid: int = 1024,
    flat: FlatDepth | None = None,
) -> list[Layer]:
    """Part a picture into layers, each continued behind those before it.

    Laid over each other they make the picture again, as its camera sees them. A layer fades at its
    edge to what is farther, goes on behind what is nearer as far as a camera that moves by
    `cut.move` uncovers it, and beyond the picture's borders likewise, there as in a mirror. The
    farthest layer that has any pixels goes on everywhere.

    Args:
        picture: (H, W, 3) float32.
        depth: (H, W) z-depth in meters, holes not finite or not above zero.
        intrinsics: Of that size.
        cut: How to part it.
        masks: Which pixels belong to a layer or the sky, by its id: (H, W) float32, from 0, which
            refuses a pixel, to 1, which claims it whatever its depth; NaN leaves it to depth.
        is_linear: Whether the picture's values are linear light, not sRGB in 0..1.
        sight: Meters that cameras see, at most: the sky stands before that, if it can.
        grid: Depth samples along the longer side of a relief, at most.
        flat: The depth laid on its planes, if it is there already; None to find them, if a layer
            is of them.

    Returns:
        Layers, as many and in the order as the cut has them; then the sky, if there is any.

    Raises:
        ValueError: Picture, depth, a mask and intrinsics differ in size, or the move is so long
            that most of what it shows lies beyond the picture.
    """
    depth = check_depth(depth, intrinsics)
    if picture.shape != (*depth.shape, 3):
        raise ValueError(f"The picture must be of shape {(*depth.shape, 3)}, not {picture.shape}.")
    if flat is None and cut.has_planes:
        flat = FlatDepth.of(
            depth, intrinsics, from_linear(picture.clip(0, 1)) if is_linear else picture
        )
    if flat is not None:
        depth = _laid(depth, cut, flat)
    labels, depth = label_pixels(depth, cut, masks or {})
    places = _places(labels, depth, intrinsics, cut, sight)
    reaches: list[float] = []
    nearest = math.inf
    for place in places:
        reach = disocclusion(intrinsics, cut.move, nearest, place.far) if reaches else 0.0
        reaches.append(max(reach, 0.0))
        nearest = min(nearest, place.near)
    planar = np.ascontiguousarray(np.moveaxis(picture, -1, 0), np.float32)
    edges = [place.settings.edge for place in places]
    sheets = stack_sheets(planar, labels, reaches, edges, is_linear)
    last = max((index for index, sheet in enumerate(sheets) if sheet), default=0)
    if any(_too_far(overscan(intrinsics, cut.move, places[last].near), intrinsics)):
        raise ValueError("The camera's move is too long for a picture of things so near.")
    return [
        _layer(sheet, place, depth, labels < index, intrinsics, cut, grid, flat)
        for index, (sheet, place) in enumerate(zip(sheets, places, strict=True))
    ]


@dataclass(frozen=True)
class _Place:
    """Where a layer stands: least and most of its depth, and that of its card, in meters."""

    settings: LayerSettings
    near: float
    far: float
    distance: float
    share: float
    plane: Plane | None = None

    @property
    def is_sky(self) -> bool:
        return self.settings.id == SKY


def _places(
    labels: np.ndarray, depth: np.ndarray, intrinsics: Intrinsics, cut: Cut, sight: float
) -> list[_Place]:
    found = depth[(labels >= 0) & (depth > 0)]
    farthest = float(found.max()) if found.size else 1.0
    ranges = _ranges(cut, farthest)
    places = []
    for index, settings in enumerate(cut.layers):
        own = depth[labels == index]
        share = own.size / labels.size
        own = own[own > 0]
        if own.size == 0:
            start, end = ranges[index]
            places.append(_Place(settings, start, end, math.sqrt(start * end), share))
            continue
        near, distance, far = np.quantile(own, (_STRAYS, 0.5, 1 - _STRAYS)).tolist()
        plane = None
        if settings.kind == "PLANE":
            fit = fit_plane(depth, labels == index, intrinsics)
            plane = fit.plane if fit else None
        elif settings.kind == "CARD":
            near = far = distance
        elif settings.kind == "SKY":
            near = distance = _sky_distance(farthest, cut, sight)
            far = math.inf
        places.append(_Place(settings, near, far, distance, share, plane))
    share = float((labels == len(places)).mean())
    if share > 0:
        distance = _sky_distance(farthest, cut, sight)
        places.append(_Place(cut.sky, distance, math.inf, distance, share))
    return places


def _sky_distance(farthest: float, cut: Cut, sight: float) -> float:
    return min(_SKY_DISTANCE * farthest, max(0.9 * sight - cut.move, _BEHIND * farthest))


def _ranges(cut: Cut, farthest: float) -> dict[int, tuple[float, float]]:
    """The depth range of each layer, by its index; as they may be where nothing is found."""
    thresholds = cut.thresholds
    ends = (thresholds[0] / 2, *thresholds, max(farthest, thresholds[-1] * 2))
    return dict(zip(cut.by_depth, zip(ends[:-1], ends[1:], strict=True), strict=True))


def _too_far(borders: Sequence[float], intrinsics: Intrinsics) -> list[bool]:
    sides = (intrinsics.width,) * 2 + (intrinsics.height,) * 2
    return [border > _MOST_OVERSCAN * side for border, side in zip(borders, sides, strict=True)]


def _layer(
    sheet: Sheet | None,
    place: _Place,
    depth: np.ndarray,
    nearer: np.ndarray,
    intrinsics: Intrinsics,
    cut: Cut,
    grid: int,
    flat: FlatDepth | None,
) -> Layer:
    width, height = intrinsics.width, intrinsics.height
    kind = place.settings.kind
    is_relief = kind in ("RELIEF", "PLANES", "PLANE")
    if kind == "PLANE":
        grid = min(grid, _PLANE_GRID)
    step, borders = 1, [0, 0, 0, 0]
    if sheet:
        sides = (width, width, height, height)
        wanted = overscan(intrinsics, cut.move, place.near)
        borders = [
            math.ceil(min(border, _MOST_OVERSCAN * side)) + 1
            for border, side in zip(wanted, sides, strict=True)
        ]
        if is_relief:
            # A surface ends at the middle of its outermost blocks.
            longest = max(width + borders[0] + borders[1], height + borders[2] + borders[3])
            step = grid_step(longest, grid)
            borders = [border + step for border in borders]
            borders[1] += -(width + borders[0] + borders[1]) % step
            borders[3] += -(height + borders[2] + borders[3]) % step
    left, right, top, bottom = borders
    framed = Intrinsics(
        intrinsics.fx,
        intrinsics.fy,
        intrinsics.cx + left,
        intrinsics.cy + top,
        width + left + right,
        height + top + bottom,
    )
    inside = np.zeros((height, width, 4), np.float32)
    if sheet:
        rows, columns = sheet.window
        for channel, values in enumerate((*sheet.color, sheet.alpha)):
            inside[rows, columns, channel] = values
    rgba = inside.take(_mirrored(height, top, bottom), 0).take(_mirrored(width, left, right), 1)
    relief = None
    if is_relief:
        known = np.zeros((height, width), bool)
        if sheet:
            known[sheet.window] = sheet.core
            known &= depth > 0
        support = rgba[..., 3] > 0
        bounds = (place.near, place.far)
        places = (
            sample_places(height, top, bottom, step), sample_places(width, left, right, step)
        )  # fmt: skip
        if kind == "PLANE" and place.plane is not None:
            disparity = place.plane.disparity(intrinsics, *places)
            relief = lay_plane(disparity, support, bounds, step)
        else:
            planes = None
            if kind == "PLANES" and flat is not None:
                planes = continue_planes_of(flat.found, known, intrinsics, *places)
                planes = behind(planes, np.where(nearer, depth, 0), places)
            relief = continue_depth(depth, known, borders, support, bounds, step, planes)
            if kind == "PLANES":
                before = [layer.kind for layer in cut.layers].index("PLANES")
                relief *= (1 + _RECESS) ** (cut.layers.index(place.settings) - before)
    return Layer(place.settings.id, rgba, framed, place.distance, relief, place.share, place.is_sky)


def _laid(depth: np.ndarray, cut: Cut, flat: FlatDepth) -> np.ndarray:
    """Depth on its planes where that puts it into a layer of planes, else as it was."""
    kinds = [cut.layers[index].kind == "PLANES" for index in cut.by_depth]
    number = np.searchsorted(np.asarray(cut.thresholds, np.float32), flat.depth, "right")
    laid = np.array(kinds)[number] & (flat.depth > 0)
    if cut.sky_depth > 0:
        laid &= flat.depth <= cut.sky_depth
    return np.where(laid, flat.depth, depth)


def _mirrored(length: int, before: int, after: int) -> np.ndarray:
    """Indices of so many pixels, with more before and after that show them as in a mirror."""
    index = np.arange(-before, length + after) % (2 * length)
    return np.minimum(index, 2 * length - 1 - index)
