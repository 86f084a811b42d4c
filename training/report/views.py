"""Images of one picture for the page: depth maps, point clouds, changes and close-ups.

All images are data URIs.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from sharpdepth_blender.engine.metric import DEFAULT_FIELD_OF_VIEW
from sharpdepth_blender.geometry import Intrinsics

from ..baselines import METRIC, SHARPENED
from .cloud import middle, view_from_aside
from .pictures import change, color_change, color_depth, data_uri, depth_range, known, thicken
from .sample_pictures import Shown, every
from .tables import METHODS

LARGEST = 800  # longer side of the slider images, pixels
THUMBNAIL = 320  # longer side of the strip images
CLOSER = 96  # longer side of the close-up
SHOWN = (*METHODS, SHARPENED)  # in the strip
COLORS = 64  # of a point cloud view; few enough that lossless images stay small


@dataclass(frozen=True)
class Views:
    """The images for one picture.

    Attributes:
        near, far: Depths at the ends of the color scale [m].
        width, height: Size of the maps in pixels.
        maps: Depth of f_D and of the sharpener with the local fit, where available.
        points: The same as side views of the point cloud.
        strip: Thumbnail and close-up of each image, by name; None if not available.
    """

    name: str
    near: float
    far: float
    width: int
    height: int
    maps: dict[str, str]
    points: dict[str, str]
    strip: dict[str, tuple[str, str | None] | None]


def draw_views(shown: Shown) -> Views:
    """Draw a picture, which must have depth somewhere, at up to `LARGEST` pixels."""
    step = -(-max(shown.truth.shape) // LARGEST)
    thick = every(thicken(shown.truth, step + 1), step)
    shown = shown.reduced(step)
    near, far = depth_range(_first_known(thick, *shown.depths.values()))
    colors = {"truth": color_depth(thick, near, far)} | {
        method: color_depth(depth, near, far)
        for method, depth in shown.depths.items()
        if method in SHOWN
    }
    points = _points(shown)
    both = [method for method in (METRIC, SHARPENED) if method in shown.depths]
    changed = np.zeros(shown.truth.shape)
    if len(both) == 2:
        changed = change(shown.depths[SHARPENED], shown.depths[METRIC])
    part = _busiest(np.nan_to_num(changed))
    strip = {"picture": _with_close_up(shown.rgb, part, lossless=False)}
    for name in ("truth", *SHOWN):
        strip[name] = _with_close_up(colors[name], part) if name in colors else None
    strip["change"] = _with_close_up(color_change(changed), part) if len(both) == 2 else None
    strip["truth as points"] = (_thumbnail(points["truth"]), None)
    height, width = shown.truth.shape
    return Views(
        shown.name,
        near,
        far,
        width,
        height,
        {method: data_uri(colors[method], lossless=True) for method in both},
        {method: data_uri(points[method], lossless=True) for method in both},
        strip,
    )


def _points(shown):
    """Return side views of the ground truth and the two slider methods, in few colors."""
    intrinsics = shown.intrinsics
    if np.isnan(intrinsics).any():
        height, width = shown.truth.shape
        intrinsics = Intrinsics.from_fov(DEFAULT_FIELD_OF_VIEW, width, height)
    pivot = middle(_first_known(*shown.depths.values(), shown.truth))
    maps = {"truth": shown.truth} | {
        method: depth for method, depth in shown.depths.items() if method in (METRIC, SHARPENED)
    }
    views = {name: view_from_aside(shown.rgb, d, intrinsics, pivot) for name, d in maps.items()}
    return {
        name: np.asarray(Image.fromarray(view).quantize(COLORS, dither=0).convert("RGB"))
        for name, view in views.items()
    }


def _first_known(*maps):
    return next(depth for depth in maps if known(depth).any())


def _with_close_up(image, part, lossless=True):
    return _thumbnail(image, lossless), data_uri(np.ascontiguousarray(image[part]), lossless)


def _thumbnail(image, lossless=True):
    return data_uri(every(image, -(-max(image.shape) // THUMBNAIL)), lossless)


def _busiest(changed):
    """Return the window with the largest change; at most a quarter of each side."""
    share = max(4, -(-max(changed.shape) // CLOSER))
    height, width = (max(1, side // share) for side in changed.shape)
    sums = np.pad(changed, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    windows = sums[height:, width:] - sums[:-height, width:]
    windows = windows - (sums[height:, :-width] - sums[:-height, :-width])
    top, left = np.unravel_index(windows.argmax(), windows.shape)
    return slice(top, top + height), slice(left, left + width)
