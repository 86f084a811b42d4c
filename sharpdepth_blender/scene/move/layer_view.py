"""Layer view: the picture of a layer, and which of its pixels nobody has seen or painted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.layers import measured_pixels
from ..errors import SceneError
from ..layers import (
    NUMBER,
    color_of,
    is_layers,
    label_plate,
    layer_objects,
    layers_cut,
    painted_in,
    read_plate,
)
from ..picture import image_size, image_values
from .source_view import SourceView

# Alpha of a clean plate from which on a pixel counts as painted.
_PAINTED = 0.5


@dataclass(frozen=True)
class LayerView:
    """A layer's own picture.

    Attributes:
        obj: The layer, in whose space the camera of its picture stands as that of a `SourceView`.
        intrinsics: Of the picture.
        invented: (H, W) bool, pixels of what the layer shows that the plate does not, and that
            nobody has painted since.
    """

    obj: bpy.types.Object
    intrinsics: Intrinsics
    invented: np.ndarray


def find_layer_views(views: Iterable[SourceView]) -> tuple[list[LayerView], list[str]]:
    """Find the layers among the views of a scene.

    Args:
        views: As of `taking_views`.

    Returns:
        Their views, and the names of empties whose plate is gone, so that nobody knows what it
        measured.
    """
    found: list[LayerView] = []
    unknown: list[str] = []
    lenses = {view.obj: view.intrinsics for view in views}
    for rig in dict.fromkeys(obj.parent for obj in lenses if is_layers(obj.parent)):
        try:
            found += _views_of(rig, lenses)
        except SceneError:
            unknown.append(rig.name)
    return found, unknown


def _views_of(
    rig: bpy.types.Object, lenses: dict[bpy.types.Object, Intrinsics]
) -> Iterator[LayerView]:
    plate = read_plate(rig)
    labels, cut = label_plate(rig, plate), layers_cut(rig)
    index_of = {each.id: index for index, each in enumerate((*cut.layers, cut.sky))}
    for obj in layer_objects(rig):
        lens, index = lenses.get(obj), index_of.get(obj[NUMBER])
        if lens is not None and index is not None:
            measured = measured_pixels(labels, index, plate.intrinsics, lens)
            painted = painted_in(obj, lens) >= _PAINTED
            yield LayerView(obj, lens, ~(measured | painted) & _shown(obj, measured.shape))


def _shown(obj: bpy.types.Object, shape: tuple[int, ...]) -> np.ndarray:
    """(H, W) bool, where a layer's picture shows anything."""
    image = color_of(obj)
    if image is None or image.channels < 4 or image_size(image) != shape[::-1]:
        return np.ones(shape, bool)
    return image_values(image)[..., 3] > 0
