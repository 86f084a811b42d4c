"""Invented: what a frame shows of layers where nothing was seen, so that paint is needed there."""

from collections.abc import Sequence

import bpy
import numpy as np

from ...geometry import Intrinsics, surface_normals, unproject, visible_from
from ...geometry.layers import mark_seen, places_in_layer
from ...geometry.windows import near_to
from .layer_view import LayerView
from .render_passes import Surfaces
from .source_view import SourceView


def find_invented(
    surfaces: Surfaces,
    frame: Intrinsics,
    matrix: np.ndarray,
    layers: Sequence[LayerView],
    views: Sequence[tuple[SourceView, np.ndarray]],
    depsgraph: bpy.types.Depsgraph,
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Find the pixels of layers that a frame shows, and that nobody has seen or painted.

    Args:
        surfaces: Of the frame.
        frame: Of the surfaces' size.
        matrix: (4, 4) world matrix of the shot camera, without scale.
        layers: Of the scene.
        views: Each with its (4, 4) world matrix at this frame; what is projected onto a layer
            counts as painted where it reaches.
        depsgraph: Has the layers at this frame.

    Returns:
        (H, W) bool, the frame's pixels that show such; and for each layer the pixels of its own
        picture, likewise.
    """
    shown = np.zeros(surfaces.depth.shape, bool)
    masks = []
    for layer in layers:
        here = surfaces.shows({layer.obj.name})
        if not (here.any() and layer.invented.any()):
            masks.append(np.zeros_like(layer.invented))
            continue
        world = np.array(layer.obj.evaluated_get(depsgraph).matrix_world)
        depth = np.where(here, surfaces.depth, np.float32(0))
        places = places_in_layer(depth, frame, np.linalg.inv(world) @ matrix, layer.intrinsics)
        for view, place in views:
            if view.depth is not None and layer.obj.name in view.paints:
                places[:, _reached(depth, frame, np.linalg.inv(place) @ matrix, view)] = np.nan
        mask = mark_seen(places, layer.invented)
        # Edges of what is before it end at parts of its pixels: a rim of one alone is no gap.
        mask &= near_to(mask & ~near_to(~layer.invented, 1), 1)
        shown |= _looked_up(places, mask)
        masks.append(mask)
    return shown, masks


def _looked_up(places: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The values of a layer's mask at the pixels of a frame, True beyond its borders."""
    here = ~np.isnan(places[0])
    column, row = np.floor(places[:, here]).astype(np.intp)
    inside = (column >= 0) & (row >= 0) & (column < mask.shape[1]) & (row < mask.shape[0])
    values = np.ones(column.shape, bool)
    values[inside] = mask[row[inside], column[inside]]
    found = np.zeros(here.shape, bool)
    found[here] = values
    return found


def _reached(
    depth: np.ndarray, frame: Intrinsics, relative: np.ndarray, view: SourceView
) -> np.ndarray:
    """Where a frame shows what a projected picture is painted on."""
    points = unproject(depth, frame).astype(np.float64)
    here = depth > 0
    turned = points[here] @ relative[:3, :3].T + relative[:3, 3]
    facing = surface_normals(points)[here] @ np.linalg.inv(relative[:3, :3])
    assert view.depth is not None
    height, width = view.depth.shape
    found = np.zeros(here.shape, bool)
    found[here] = visible_from(turned, facing, view.depth, view.intrinsics.resized(width, height))
    return found
