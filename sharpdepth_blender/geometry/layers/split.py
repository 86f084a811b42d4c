"""Split: one picture with its depth becomes layers that a camera may move before."""

import math
from collections.abc import Mapping

import numpy as np

from ..intrinsics import Intrinsics
from ..planes import FlatDepth
from ..projection import check_depth
from ..srgb import from_linear
from .cut import Cut
from .disocclusion import disocclusion, overscan
from .frame import common_windows, sides_of
from .kept_layer import KeptLayer
from .labels import label_pixels
from .layer import Layer
from .making import MOST_OVERSCAN, PartedPicture, make_layer
from .place import find_places
from .seams import Seams
from .stack import Sheet, stack_sheets


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
    places = find_places(labels, depth, intrinsics, cut, sight)
    reaches: list[float] = []
    nearest = math.inf
    for place in places:
        reach = disocclusion(intrinsics, cut.move, nearest, place.far) if reaches else 0.0
        reaches.append(max(reach, 0.0))
        nearest = min(nearest, place.near)
    planar = np.ascontiguousarray(np.moveaxis(picture, -1, 0), np.float32)
    settings = [place.settings for place in places]
    seams = Seams.of(labels, depth, 2 * max(each.edge for each in settings) + 1)
    parted = PartedPicture(depth, intrinsics, cut, seams, flat, grid, is_linear)
    former = [(kept or {}).get(place.settings.id) for place in places]
    given = {
        index: _sheet(layer, intrinsics)
        for index, (layer, place) in enumerate(zip(former, places, strict=True))
        if layer and place.is_of(layer)
    }
    sheets = stack_sheets(planar, labels, reaches, settings, is_linear, seams.contact, given)
    last = max((index for index, sheet in enumerate(sheets) if sheet), default=0)
    borders = overscan(intrinsics, cut.move, places[last].near)
    if any(np.array(borders) > MOST_OVERSCAN * np.array(sides_of(intrinsics))):
        raise ValueError("The camera's move is too long for a picture of things so near.")
    made: list[Layer] = []
    before: list[Layer | KeptLayer] = []
    clear = np.ones_like(depth)
    for index, (sheet, place) in enumerate(zip(sheets, places, strict=True)):
        layer: Layer | KeptLayer | None = former[index]
        if layer is None or sheet is None or sheet is not given.get(index):
            own_paint = (painted or {}).get(place.settings.id)
            layer = make_layer(parted, place, sheet, clear > 0, before, own_paint)
            made.append(layer)
        before.append(layer)
        clear = clear * (1 - _inside(layer, intrinsics)[..., 3])
    return made


def _inside(layer: Layer | KeptLayer, intrinsics: Intrinsics) -> np.ndarray:
    """What a layer shows inside the picture, a view."""
    return layer.rgba[common_windows(layer.intrinsics, intrinsics)[0]]


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


def _laid(depth: np.ndarray, cut: Cut, flat: FlatDepth) -> np.ndarray:
    """Depth on its planes where that puts it into a layer of planes, else as it was."""
    kinds = [cut.layers[index].kind == "PLANES" for index in cut.by_depth]
    number = np.searchsorted(np.asarray(cut.thresholds, np.float32), flat.depth, "right")
    laid = np.array(kinds)[number] & (flat.depth > 0)
    if cut.sky_depth > 0:
        laid &= flat.depth <= cut.sky_depth
    return np.where(laid, flat.depth, depth)
