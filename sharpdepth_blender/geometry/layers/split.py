"""Split: one picture with its depth becomes layers that a camera may move before."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..intrinsics import Intrinsics
from ..projection import check_depth
from .cut import Cut
from .disocclusion import disocclusion, overscan
from .labels import label_pixels
from .layer import Layer
from .layer_settings import SKY, LayerSettings
from .relief import continue_depth, grid_step
from .stack import Sheet, stack_sheets

# The sky stands so many times as far as anything else.
_SKY_DISTANCE = 10.0
# And so many times at least, however little the camera sees.
_BEHIND = 1.02
# Share of a layer's pixels at either end of its depth that do not count, being strays.
_STRAYS = 1e-3
# Overscan of a layer in sides of the picture: more is left out, of the farthest refused.
_MOST_OVERSCAN = 1.0


def split_layers(
    picture: np.ndarray,
    depth: np.ndarray,
    intrinsics: Intrinsics,
    cut: Cut,
    *,
    masks: Mapping[int, np.ndarray] | None = None,
    kept: Mapping[int, Layer] | None = None,
    is_linear: bool = False,
    sight: float = math.inf,
    grid: int = 1024,
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
        kept: Layers that need not be made again, by their ids, with or without depth: others are
            made to lie before and behind them. One that now stands elsewhere, or must go on
            everywhere and does not, is made again all the same.
        is_linear: Whether the picture's values are linear light, not sRGB in 0..1.
        sight: Meters that cameras see, at most: the sky stands before that, if it can.
        grid: Depth samples along the longer side of a relief, at most.

    Returns:
        Layers, as many and in the order as the cut has them, then the sky, if there is any; but
        none that is kept.

    Raises:
        ValueError: Picture, depth, a mask and intrinsics differ in size, or the move is so long
            that most of what it shows lies beyond the picture.
    """
    depth = check_depth(depth, intrinsics)
    if picture.shape != (*depth.shape, 3):
        raise ValueError(f"The picture must be of shape {(*depth.shape, 3)}, not {picture.shape}.")
    labels, depth = label_pixels(depth, cut, masks or {})
    places = _places(labels, depth, cut, sight)
    reaches: list[float] = []
    nearest = math.inf
    for place in places:
        reach = disocclusion(intrinsics, cut.move, nearest, place.far) if reaches else 0.0
        reaches.append(max(reach, 0.0))
        nearest = min(nearest, place.near)
    planar = np.ascontiguousarray(np.moveaxis(picture, -1, 0), np.float32)
    settings = [place.settings for place in places]
    former = [(kept or {}).get(place.settings.id) for place in places]
    given = {
        index: _sheet(layer, intrinsics)
        for index, (layer, place) in enumerate(zip(former, places, strict=True))
        if layer and place.is_of(layer)
    }
    sheets = stack_sheets(planar, labels, reaches, settings, is_linear, given)
    last = max((index for index, sheet in enumerate(sheets) if sheet), default=0)
    if any(_too_far(overscan(intrinsics, cut.move, places[last].near), intrinsics)):
        raise ValueError("The camera's move is too long for a picture of things so near.")
    return [
        _layer(sheet, place, depth, intrinsics, cut, grid)
        for index, (sheet, place) in enumerate(zip(sheets, places, strict=True))
        if sheet is None or sheet is not given.get(index)
    ]


def _sheet(layer: Layer, intrinsics: Intrinsics) -> Sheet:
    """What a layer shows inside the picture."""
    rgba, framed = layer.rgba, layer.intrinsics
    left, top = round(framed.cx - intrinsics.cx), round(framed.cy - intrinsics.cy)
    rows, columns = slice(0, intrinsics.height), slice(0, intrinsics.width)
    inside = rgba[top:, left:][rows, columns]
    color, alpha = np.moveaxis(inside[..., :3], -1, 0), inside[..., 3]
    color, alpha = np.ascontiguousarray(color), np.ascontiguousarray(alpha)
    return Sheet((rows, columns), color, alpha, alpha == 1, alpha == 1)


@dataclass(frozen=True)
class _Place:
    """Where a layer stands: least and most of its depth, and that of its card, in meters.

    `back` is the depth of all of it at most, `scale` by how much farther it stands than the
    picture says, so that it is behind those that are before it in order.
    """

    settings: LayerSettings
    near: float
    far: float
    distance: float
    share: float
    back: float = 0.0
    scale: float = 1.0

    @property
    def is_sky(self) -> bool:
        return self.settings.id == SKY

    def is_of(self, layer: Layer) -> bool:
        """Whether a layer of a former cut stands here."""
        return self.scale == layer.scale and not (self.is_sky and self.distance != layer.distance)


def _places(labels: np.ndarray, depth: np.ndarray, cut: Cut, sight: float) -> list[_Place]:
    found = depth[(labels >= 0) & (depth > 0)]
    farthest = float(found.max()) if found.size else 1.0
    ranges = _ranges(cut, farthest)
    places: list[_Place] = []
    for index, settings in enumerate(cut.layers):
        own = depth[labels == index]
        share = own.size / labels.size
        own = own[own > 0]
        before = [each for each in places if each.scale > 1 or each.settings.end > settings.end]
        if own.size == 0:
            start, end = ranges[index]
            places.append(_Place(settings, start, end, math.sqrt(start * end), share))
            continue
        near, distance, far = np.quantile(own, (_STRAYS, 0.5, 1 - _STRAYS)).tolist()
        scale = 1.0
        if before:
            scale = max(1.0, _BEHIND * max(each.back for each in before) / float(own.min()))
            near, distance, far = (scale * each for each in (near, distance, far))
        back = scale * float(own.max())
        if settings.kind == "CARD":
            near = far = back = distance
        places.append(_Place(settings, near, far, distance, share, back, scale))
    share = float((labels == len(places)).mean())
    farthest = max(farthest, *(place.back for place in places))
    if share > 0:
        in_sight = max(0.9 * sight - cut.move, _BEHIND * farthest)
        distance = min(_SKY_DISTANCE * farthest, in_sight)
        places.append(_Place(cut.sky, distance, math.inf, distance, share))
    return places


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
    intrinsics: Intrinsics,
    cut: Cut,
    grid: int,
) -> Layer:
    width, height = intrinsics.width, intrinsics.height
    is_relief = place.settings.kind == "RELIEF"
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
        relief = continue_depth(depth * place.scale, known, borders, support, bounds, step)
    return Layer(
        id=place.settings.id,
        rgba=rgba,
        intrinsics=framed,
        distance=place.distance,
        depth=relief,
        share=place.share,
        scale=place.scale,
        is_sky=place.is_sky,
    )


def _mirrored(length: int, before: int, after: int) -> np.ndarray:
    """Indices of so many pixels, with more before and after that show them as in a mirror."""
    index = np.arange(-before, length + after) % (2 * length)
    return np.minimum(index, 2 * length - 1 - index)
