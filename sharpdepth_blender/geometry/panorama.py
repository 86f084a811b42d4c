"""Panorama: an equirectangular picture, and the surface around the camera that its depth shows.

Directions are in Blender's camera axes: x right, y up, looking along -z at the picture's middle.
"""

import numpy as np

from .intrinsics import Intrinsics
from .projection import valid_depth
from .sampling import sample_counts, sample_positions
from .surface import Surface, grid_surface

AROUND = 360.0  # degrees across a panorama
_SEAM = 1.5  # how much the seam may change more than other columns
_POLE = 0.5  # how much the topmost row may change, relative to the middle one


def has_panorama_shape(width: int, height: int) -> bool:
    """Whether a picture is twice as wide as high, and large enough to show anything."""
    return height >= 16 and abs(width - 2 * height) <= 1


def is_panorama(rgb: np.ndarray) -> bool:
    """Whether a picture is an equirectangular panorama all around.

    It is twice as wide as high, goes on from its right edge to its left one, and is nearly of one
    color in its topmost and lowest rows, which are points.

    Args:
        rgb: (H, W, 3) uint8.
    """
    height, width = rgb.shape[:2]
    if not has_panorama_shape(width, height):
        return False
    values = rgb.astype(np.float32)
    apart = np.abs(values[:, 1:] - values[:, :-1]).mean((0, 2))
    seam = float(np.abs(values[:, 0] - values[:, -1]).mean())
    if seam > _SEAM * float(np.percentile(apart, 95)) + 1:
        return False
    spread = values.std(1).mean(1)
    usual = float(np.median(spread))
    return bool(max(spread[0], spread[-1]) <= _POLE * usual + 1)


def directions_of(width: int, height: int) -> np.ndarray:
    """Unit directions of a panorama's pixels, (height, width, 3) float32."""
    away = np.ones((height, width), np.float32)
    return points_at(away, np.arange(width), np.arange(height), panorama_lens(width, height))


def panorama_lens(width: int, height: int) -> Intrinsics:
    """Pixels per radian of a panorama about its middle, in the form of intrinsics.

    A direction that is turned to the right by a and tilted downwards by b, both in radians, is seen
    at `u = fx a + cx`, `v = fy b + cy`. The focal length in pixels is what sizes a pixel at a
    distance, as with other intrinsics; all else that is done with those does not hold.
    """
    return Intrinsics(width / (2 * np.pi), height / np.pi, width / 2, height / 2, width, height)


def points_at(
    length: np.ndarray, columns: np.ndarray, rows: np.ndarray, lens: Intrinsics
) -> np.ndarray:
    """Points of a grid of samples of a panorama, like `unproject_at`.

    Args:
        length: (h, w) float32 meters along the ray.
        columns: (w,) picture column of each grid column.
        rows: (h,) picture row of each grid row.
        lens: As of `panorama_lens`.

    Returns:
        (h, w, 3) float32 meters in Blender's camera space; NaN where length is no measurement.
    """
    r = np.where(valid_depth(length), length, np.float32(np.nan))
    turn = (columns + 0.5 - lens.cx) / lens.fx
    tilt = ((rows + 0.5 - lens.cy) / lens.fy)[:, None]
    points = np.empty((*r.shape, 3), np.float32)
    points[..., 0] = r * (np.cos(tilt) * np.sin(turn)).astype(np.float32)
    points[..., 1] = r * -np.sin(tilt).astype(np.float32)
    points[..., 2] = r * -(np.cos(tilt) * np.cos(turn)).astype(np.float32)
    return points


def panorama_surface(
    length: np.ndarray,
    tear_ratio: float = 1.1,
    resolution: int | None = None,
    is_closed: bool = True,
) -> Surface:
    """Build the surface around the camera.

    The same as `build_surface` but for the directions, torn by the same rule: over a few samples
    the plane of a wall or a floor is linear in 1/length, too.

    Args:
        length: (H, W) meters along the ray, holes 0.
        tear_ratio: Ratio of lengths above which neighbors are torn apart where no plane explains
            it; >= 1.
        resolution: Samples along the equator; None takes every pixel.
        is_closed: Whether it has a further sample on each edge of the picture, so that it closes at
            its seam and its poles, and no loose vertex; else there are the samples alone, as for
            points.

    Returns:
        Surface whose quads are seen anticlockwise from the middle. A sample on an edge has the
        length of the one beside it, and on both sides of the seam that of the picture's first
        column.
    """
    height, width = length.shape
    counts = sample_counts(width, height, resolution or width)
    columns, rows = (sample_positions(*each) for each in zip((width, height), counts, strict=True))
    lens = panorama_lens(width, height)
    samples = length[np.ix_(rows, columns)]
    if not is_closed:
        return grid_surface(samples, columns, rows, lens, tear_ratio, points_at, keep_loose=True)
    samples = np.pad(samples, 1, "edge")
    samples[:, -1] = samples[:, 0]
    columns = np.concatenate([[-0.5], columns, [width - 0.5]])
    rows = np.concatenate([[-0.5], rows, [height - 0.5]])
    return grid_surface(samples, columns, rows, lens, tear_ratio, points_at, keep_loose=False)
