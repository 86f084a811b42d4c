"""Layer picture: what a layer shows, as values, in linear light and as a texture."""

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from ...geometry.windows import near_to
from ..layers.clean_plate import is_layer
from ..layers.composed import is_composed, layer_pixels
from ..layers.pictures import temporary_picture
from ..picture import image_values
from ..plates import read_image
from .pictures import linear_values, picture_of

# Pixels about what is seen whose colors are kept: smaller versions of a picture blend them in.
_KEPT = 8


def shows_layer(obj: bpy.types.Object) -> bool:
    """Whether an object is a layer whose material still shows its picture."""
    return is_layer(obj) and picture_of(obj) is not None


def layer_values(obj: bpy.types.Object) -> np.ndarray:
    """(H, W, 4) float32 of a layer as its image stores them, straight alpha, row 0 at the top.

    What is painted on its clean plate lies over that.
    """
    return layer_pixels(obj) if is_composed(obj) else image_values(_image(obj))


def layer_light(obj: bpy.types.Object) -> np.ndarray:
    """(H, W, 4) float32 of a layer in the scene's linear space, straight alpha.

    Raises:
        OSError, RuntimeError, LayoutError: There is no room for a temporary file.
    """
    values = layer_values(obj)
    opaque = values.copy()
    opaque[..., 3] = 1
    with temporary_picture(opaque, _image(obj)) as image:
        return np.concatenate([linear_values(image), values[..., 3:]], axis=-1)


def layer_rgb(scene: bpy.types.Scene, obj: bpy.types.Object) -> np.ndarray:
    """(H, W, 3) uint8 sRGB of a layer as it is seen, whatever its alpha is."""
    opaque = layer_values(obj).copy()
    opaque[..., 3] = 1
    with temporary_picture(opaque, _image(obj)) as image:
        return read_image(image, scene).rgb


@contextmanager
def layer_texture(obj: bpy.types.Object) -> Iterator[tuple[bpy.types.Image, bool]]:
    """An image of a layer that is small as a file: one color where nothing is near that is seen.

    Yields:
        The image, which is removed in the end, and whether any of it is transparent.
    """
    values = layer_values(obj).copy()
    near = near_to(values[..., 3] > 0, _KEPT)
    if near.any() and not near.all():
        values[~near, :3] = values[near, :3].mean(0)
    with temporary_picture(values, _image(obj)) as image:
        yield image, bool((values[..., 3] < 1).any())


def _image(obj: bpy.types.Object) -> bpy.types.Image:
    image = picture_of(obj)
    assert image is not None  # as `shows_layer` says
    return image
