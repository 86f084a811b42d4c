"""Split: one picture with its depth becomes layers that a camera may move before."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..fill import fill_smooth
from ..intrinsics import Intrinsics
from ..planes import FlatDepth, Plane, continue_planes_of, fit_plane
from ..projection import check_depth
from ..srgb import from_linear
from ..windows import near_to
from .cut import Cut
from .disocclusion import disocclusion, overscan
from .frame import common_windows, seen_in, with_borders
from .kept_layer import KeptLayer
from .labels import label_pixels
from .layer import Layer
from .layer_settings import SKY_KINDS, LayerSettings
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
from .seams import blur_of, find_seams, without_rims
from .stack import Sheet, stack_sheets

# The sky stands so many times as far as anything else.
_SKY_DISTANCE = 10.0
# And so many times at least, however little the camera sees.
_BEHIND = 1.02
# Share of a layer's pixels at either end of its depth that do not count, being strays.
_STRAYS = 1e-3
# Overscan of a layer in sides of the picture: more is left out, of the farthest refused.
_MOST_OVERSCAN = 1.0

# Samples along the longer side of a plane or a dome: few, as all of them are on it.
_SMOOTH_GRID = 96
# A dome goes on beyond each side at which it leaves the picture, by this share of that side.
_DOME_BORDER = 0.25

# Layers that go on along one surface stand behind each other by this share of its depth: so little
# that lines across them break by less than a pixel, and enough that no renderer mixes them.
_RECESS = 2e-3


def split_layers(
    picture: np.ndarray,
    depth: np.ndarray,
    intrinsics: Intrinsics,
    cut: Cut,
    *,
    masks: Mapping[int, np.ndarray] | None = None,
    kept: Mapping[int, KeptLayer] | None = None,
    is_linear: bool = False,
    sight: float = math.inf,
    grid: int = 1024,
    flat: FlatDepth | None = None,
    painted: Mapping[int, tuple[np.ndarray, Intrinsics]] | None = None,
) -> list[Layer]:
    """Part a picture into layers, each continued behind those before it.

    Laid over each other they make the picture again, as its camera sees them. A layer fades at its
    edge to what is farther, goes on behind what is nearer as far as a camera that moves by
    `cut.move` uncovers it, and beyond the picture's borders likewise. What is not seen of it there
    is its own colors, carried on smoothly, with their grain. The farthest layer that has any pixels
    goes on everywhere.

    Args:
        picture: (H, W, 3) float32.
        depth: (H, W) z-depth in meters, holes not finite or not above zero.
        intrinsics: Of that size.
        cut: How to part it.
        masks: Which pixels belong to a layer or the sky, by its id: (H, W) float32, from 0, which
            refuses a pixel, to 1, which claims it whatever its depth; NaN leaves it to depth.
        kept: Layers that need not be made again, by their ids: others are made to lie before and
            behind them. One that now stands elsewhere, or must go on everywhere and does not, is
            made again all the same.
        is_linear: Whether the picture's values are linear light, not sRGB in 0..1.
        sight: Meters that cameras see, at most: the sky stands before that, if it can.
        grid: Depth samples along the longer side of a relief, at most.
        flat: The depth laid on its planes, if it is there already; None to find them, if a layer
            is of them.
        painted: By the id of a layer, (H, W) bool where something is painted on it, and the
            intrinsics of that mask: there its relief goes on, even where the cut shows nothing.

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
    if flat is None and cut.has_planes:
        flat = FlatDepth.of(
            depth, intrinsics, from_linear(picture.clip(0, 1)) if is_linear else picture
        )
    labels, depth = part_pixels(depth, cut, masks, flat)
    places = _places(labels, depth, intrinsics, cut, sight)
    reaches: list[float] = []
    nearest = math.inf
    for place in places:
        reach = disocclusion(intrinsics, cut.move, nearest, place.far) if reaches else 0.0
        reaches.append(max(reach, 0.0))
        nearest = min(nearest, place.near)
    planar = np.ascontiguousarray(np.moveaxis(picture, -1, 0), np.float32)
    settings = [place.settings for place in places]
    blur = blur_of(labels, depth)
    rims, contact = find_seams(labels, depth, 2 * max(each.edge for each in settings) + 1, blur)
    former = [(kept or {}).get(place.settings.id) for place in places]
    given = {
        index: _sheet(layer, intrinsics)
        for index, (layer, place) in enumerate(zip(former, places, strict=True))
        if layer and place.is_of(layer)
    }
    sheets = stack_sheets(planar, labels, reaches, settings, is_linear, contact, given)
    last = max((index for index, sheet in enumerate(sheets) if sheet), default=0)
    if any(_too_far(overscan(intrinsics, cut.move, places[last].near), intrinsics)):
        raise ValueError("The camera's move is too long for a picture of things so near.")
    made: list[Layer] = []
    before: list[Layer | KeptLayer] = []
    clear = np.ones_like(depth)
    for index, (sheet, place) in enumerate(zip(sheets, places, strict=True)):
        layer: Layer | KeptLayer | None = former[index]
        if layer is None or sheet is None or sheet is not given.get(index):
            layer = _layer(
                sheet,
                place,
                depth,
                clear > 0,
                before,
                (rims, contact, blur),
                intrinsics,
                cut,
                grid,
                flat,
                is_linear,
                (painted or {}).get(place.settings.id),
            )  # fmt: skip
            made.append(layer)
        before.append(layer)
        clear = clear * (1 - _inside(layer, intrinsics)[..., 3])
    return made


def _inside(layer: Layer | KeptLayer, intrinsics: Intrinsics) -> np.ndarray:
    """What a layer shows inside the picture, a view."""
    return layer.rgba[common_windows(layer.intrinsics, intrinsics)[0]]


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


def _sheet(layer: KeptLayer, intrinsics: Intrinsics) -> Sheet:
    """What a layer shows inside the picture."""
    rows, columns = slice(0, intrinsics.height), slice(0, intrinsics.width)
    inside = _inside(layer, intrinsics)
    color, alpha = np.moveaxis(inside[..., :3], -1, 0), inside[..., 3]
    color, alpha = np.ascontiguousarray(color), np.ascontiguousarray(alpha)
    return Sheet((rows, columns), color, alpha, alpha == 1, alpha == 1)


def part_pixels(
    depth: np.ndarray,
    cut: Cut,
    masks: Mapping[int, np.ndarray] | None = None,
    flat: FlatDepth | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Give each pixel to a layer, as `split_layers` does.

    Args:
        depth: As for `split_layers`, like what follows.
        cut: Likewise.
        masks: Likewise.
        flat: The depth laid on its planes; None where no layer is of them.

    Returns:
        (labels, depth) as of `label_pixels`.
    """
    if flat is not None:
        depth = _laid(depth, cut, flat)
    return label_pixels(depth, cut, masks or {})


@dataclass(frozen=True)
class _Place:
    """Where a layer stands: least and most of its depth, and that of its card, in meters.

    Its limits are those of its range, where other layers may begin. `back` is the depth of all of
    it at most, `scale` by how much farther it stands than the picture says, so that it is behind
    those that are before it in order.
    """

    settings: LayerSettings
    near: float
    far: float
    distance: float
    share: float
    limits: tuple[float, float]
    plane: Plane | None = None
    back: float = 0.0
    scale: float = 1.0

    def is_of(self, layer: KeptLayer) -> bool:
        """Whether a layer of a former cut stands here."""
        is_sky = self.settings.kind in SKY_KINDS
        return self.scale == layer.scale and not (is_sky and self.distance != layer.distance)


def _places(
    labels: np.ndarray, depth: np.ndarray, intrinsics: Intrinsics, cut: Cut, sight: float
) -> list[_Place]:
    found = depth[(labels >= 0) & (depth > 0)]
    farthest = float(found.max()) if found.size else 1.0
    ranges = _ranges(cut, farthest)
    # Two layers that end at one depth would be drawn in turns.
    starts = (0.0, *((1 + _RECESS) * each for each in cut.thresholds))
    limits = dict(
        zip(cut.by_depth, zip(starts, (*cut.thresholds, math.inf), strict=True), strict=True)
    )
    places: list[_Place] = []
    in_order = cut.by_depth == tuple(range(len(cut.layers)))
    for index, settings in enumerate(cut.layers):
        own = depth[labels == index]
        share = own.size / labels.size
        own = own[own > 0]
        if own.size == 0:
            start, end = ranges[index]
            distance = math.sqrt(start * end)
            places.append(_Place(settings, start, end, distance, share, limits[index]))
            continue
        near, distance, far = np.quantile(own, (_STRAYS, 0.5, 1 - _STRAYS)).tolist()
        if not in_order:  # what is pushed back must clear all of what is before it
            limits[index] = float(own.min()), float(own.max())
        before = [
            each
            for each in places
            if each.scale > 1 or each.settings.end > settings.end or each.settings.kind in SKY_KINDS
        ]
        scale = 1.0
        if before:
            scale = max(1.0, _BEHIND * max(each.back for each in before) / float(own.min()))
            near, distance, far = (scale * each for each in (near, distance, far))
        back = scale * float(own.max())
        plane = None
        if settings.kind == "PLANE":
            fit = fit_plane(depth, labels == index, intrinsics)
            plane = fit.plane if fit else None
        elif settings.kind == "CARD":
            near = far = back = distance
        elif settings.kind in SKY_KINDS:
            near, distance = _sky_distance(settings, farthest, intrinsics, cut, sight)
            far, back = math.inf, distance
        place = _Place(settings, near, far, distance, share, limits[index], plane, back, scale)
        places.append(place)
    share = float((labels == len(places)).mean())
    farthest = max(farthest, *(place.back for place in places))
    if share > 0:
        near, distance = _sky_distance(cut.sky, farthest, intrinsics, cut, sight)
        places.append(_Place(cut.sky, near, math.inf, distance, share, (0.0, math.inf)))
    return places


def _sky_distance(
    settings: LayerSettings, farthest: float, intrinsics: Intrinsics, cut: Cut, sight: float
) -> tuple[float, float]:
    """Least depth of a sky, and that of its card or the radius of its dome."""
    distance = min(_SKY_DISTANCE * farthest, max(0.9 * sight - cut.move, _BEHIND * farthest))
    if settings.kind == "SKY":
        return distance, distance
    borders = [_DOME_BORDER * side for side in _sides(intrinsics)]
    framed = with_borders(intrinsics, [math.ceil(border) for border in borders])
    corners = np.array([0, framed.height]), np.array([0, framed.width])
    longest = float(dome(1.0, framed, corners).max())  # of rays with a depth of 1
    distance = max(distance, _BEHIND * farthest * longest)
    return distance / longest, distance


def _ranges(cut: Cut, farthest: float) -> dict[int, tuple[float, float]]:
    """The depth range of each layer, by its index; as they may be where nothing is found."""
    thresholds = cut.thresholds
    ends = (thresholds[0] / 2, *thresholds, max(farthest, thresholds[-1] * 2))
    return dict(zip(cut.by_depth, zip(ends[:-1], ends[1:], strict=True), strict=True))


def _too_far(borders: Sequence[float], intrinsics: Intrinsics) -> list[bool]:
    sides = _sides(intrinsics)
    return [border > _MOST_OVERSCAN * side for border, side in zip(borders, sides, strict=True)]


def _sides(intrinsics: Intrinsics) -> tuple[int, int, int, int]:
    """Lengths along which the (left, right, top, bottom) border moves outwards."""
    return (intrinsics.width,) * 2 + (intrinsics.height,) * 2


def _layer(
    sheet: Sheet | None,
    place: _Place,
    depth: np.ndarray,
    seen: np.ndarray,
    before: Sequence[Layer | KeptLayer],
    seams: tuple[np.ndarray, np.ndarray, int],
    intrinsics: Intrinsics,
    cut: Cut,
    grid: int,
    flat: FlatDepth | None,
    is_linear: bool,
    painted: tuple[np.ndarray, Intrinsics] | None,
) -> Layer:
    width, height = intrinsics.width, intrinsics.height
    kind = place.settings.kind
    is_relief = kind not in ("CARD", "SKY")
    if kind in ("PLANE", "DOME"):
        grid = min(grid, _SMOOTH_GRID)
    step, borders = 1, [0, 0, 0, 0]
    if sheet:
        sides = _sides(intrinsics)
        wanted = overscan(intrinsics, cut.move, place.near)
        if kind == "DOME":
            ends = (seen[:, 0], seen[:, -1], seen[0], seen[-1])
            wanted = tuple(
                max(border, _DOME_BORDER * side * end.any())
                for border, side, end in zip(wanted, sides, ends, strict=True)
            )
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
    framed = with_borders(intrinsics, borders)
    rgba, known, invented = _framed(sheet, (height, width), borders, is_linear)
    relief = None
    if is_relief:
        own = known[top : top + height, left : left + width] & (depth > 0)
        rims, contact, blur = seams
        own = without_rims(own, rims, blur)
        # Where its surface goes on through the layer beside it, that has measured it.
        touch = contact & near_to(own, 2 * place.settings.edge + 1) & (depth > 0) & ~own
        own |= touch
        depth = np.where(touch, np.clip(depth, *place.limits), depth)
        support = rgba[..., 3] > 0
        if painted is not None:
            mask, frame = painted
            support |= seen_in(mask[..., None], frame, framed)[..., 0] > 0
        bounds = (place.near / place.scale, place.far / place.scale)
        places = (
            sample_places(height, top, bottom, step), sample_places(width, left, right, step)
        )  # fmt: skip
        if kind == "PLANE" and place.plane is not None:
            disparity = place.plane.disparity(intrinsics, *places)
            relief = lay_plane(disparity, borders, support, bounds, place.limits, step)
        elif kind == "DOME":
            disparity = dome(place.distance / place.scale, intrinsics, places)
            relief = lay_surface(disparity, support, step)
        else:
            planes, recess = None, 1.0
            if kind == "PLANES" and flat is not None:
                first = [layer.kind for layer in cut.layers].index("PLANES")
                recess = (1 + _RECESS) ** (cut.layers.index(place.settings) - first)
                nearer = _depth_before(before, framed)
                nearer *= np.float32((1 + _RECESS) / (place.scale * recess))
                planes = continue_planes_of(flat.found, own, intrinsics, *places)
                planes = behind(planes, nearer, step)
            relief = continue_depth(
                depth, own, borders, support, seen, bounds, place.limits, step, planes
            )
            relief *= recess
        relief = relief * np.float32(place.scale)
    return Layer(
        place.settings.id, rgba, framed, place.distance, relief, place.share, known, invented,
        place.scale,
    )  # fmt: skip


def _laid(depth: np.ndarray, cut: Cut, flat: FlatDepth) -> np.ndarray:
    """Depth on its planes where that puts it into a layer of planes, else as it was."""
    kinds = [cut.layers[index].kind == "PLANES" for index in cut.by_depth]
    number = np.searchsorted(np.asarray(cut.thresholds, np.float32), flat.depth, "right")
    laid = np.array(kinds)[number] & (flat.depth > 0)
    if cut.sky_depth > 0:
        laid &= flat.depth <= cut.sky_depth
    return np.where(laid, flat.depth, depth)


def _framed(
    sheet: Sheet | None, size: tuple[int, int], borders: Sequence[int], is_linear: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A sheet in its frame: its colors and alpha, and `Layer.known` and `Layer.invented`."""
    left, right, top, bottom = borders
    around = ((top, bottom), (left, right))
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
