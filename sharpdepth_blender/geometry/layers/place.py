"""Places: where in depth each layer of a picture stands."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..intrinsics import Intrinsics
from ..planes import Plane, fit_plane
from .cut import Cut
from .frame import sides_of, with_borders
from .kept_layer import KeptLayer
from .layer_settings import SKY_KINDS, LayerSettings
from .relief import dome

# Layers that go on along one surface stand behind each other by this share of its depth: so little
# that lines across them break by less than a pixel, and enough that no renderer mixes them.
RECESS = 2e-3
# A dome goes on beyond each side at which it leaves the picture, by this share of that side.
DOME_BORDER = 0.25

# The sky stands so many times as far as anything else.
_SKY_DISTANCE = 10.0
# And so many times at least, however little the camera sees.
_BEHIND = 1.02
# Share of a layer's pixels at either end of its depth that do not count, being strays.
_STRAYS = 1e-3


@dataclass(frozen=True)
class Place:
    """Where a layer stands: least and most of its depth, and that of its card, in meters.

    Its limits are those of its range, where other layers may begin. `back` is the depth at most of
    all that is known of it, `wall` the depth that it does not go on beyond, as there is a sky.
    `scale` is by how much farther it stands than the picture says, so that it is behind those that
    are before it in order.
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
    wall: float = math.inf

    def is_of(self, layer: KeptLayer) -> bool:
        """Whether a layer of a former cut stands here."""
        if self.settings.kind in SKY_KINDS and self.distance != layer.distance:
            return False
        most = 0.0 if layer.depth is None else float(layer.depth.max())
        return self.scale == layer.scale and most <= self.wall * (1 + RECESS / 2)


def find_places(
    labels: np.ndarray, depth: np.ndarray, intrinsics: Intrinsics, cut: Cut, sight: float
) -> list[Place]:
    """Find where each layer stands, behind those that are before it in order.

    Args:
        labels: (H, W), the layer of each pixel, as of `label_pixels`.
        depth: (H, W) meters, 0 where there is none.
        intrinsics: Of that size.
        cut: The layers.
        sight: Meters that cameras see, at most.

    Returns:
        As many places as the cut has layers, in their order, then that of the sky, if there is any.
    """
    found = depth[(labels >= 0) & (depth > 0)]
    farthest = float(found.max()) if found.size else 1.0
    ranges = _ranges(cut, farthest)
    # Two layers that end at one depth would be drawn in turns.
    starts = (0.0, *((1 + RECESS) * each for each in cut.thresholds))
    limits = dict(
        zip(cut.by_depth, zip(starts, (*cut.thresholds, math.inf), strict=True), strict=True)
    )
    places: list[Place] = []
    in_order = cut.by_depth == tuple(range(len(cut.layers)))
    for index, settings in enumerate(cut.layers):
        own = depth[labels == index]
        share = own.size / labels.size
        own = own[own > 0]
        if own.size == 0:
            start, end = ranges[index]
            distance = math.sqrt(start * end)
            places.append(Place(settings, start, end, distance, share, limits[index]))
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
        place = Place(settings, near, far, distance, share, limits[index], plane, back, scale)
        places.append(place)
    share = float((labels == len(places)).mean())
    farthest = max(farthest, *(place.back for place in places))
    if share > 0:
        near, distance = _sky_distance(cut.sky, farthest, intrinsics, cut, sight)
        places.append(Place(cut.sky, near, math.inf, distance, share, (0.0, math.inf)))
    return _before_skies(places)


def _before_skies(places: Sequence[Place]) -> list[Place]:
    """The places, none of which goes on through a sky that is behind it in order."""
    found, wall = [], math.inf
    for place in reversed(places):
        found.append(replace(place, wall=wall))
        if place.settings.kind in SKY_KINDS:
            wall = min(wall, place.near / (1 + RECESS))
    return found[::-1]


def _sky_distance(
    settings: LayerSettings, farthest: float, intrinsics: Intrinsics, cut: Cut, sight: float
) -> tuple[float, float]:
    """Least depth of a sky, and that of its card or the radius of its dome."""
    distance = min(_SKY_DISTANCE * farthest, max(0.9 * sight - cut.move, _BEHIND * farthest))
    if settings.kind == "SKY":
        return distance, distance
    borders = [DOME_BORDER * side for side in sides_of(intrinsics)]
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
