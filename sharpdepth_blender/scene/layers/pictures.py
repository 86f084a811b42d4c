"""Pictures: the images of layers, made once and refilled with each change."""

from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from ..picture import float_image, image_size, replace_rgba


def fill_color(
    image: bpy.types.Image | None, name: str, rgba: np.ndarray, like: bpy.types.Image
) -> bpy.types.Image:
    """Fill an image with colors and alpha, making the image if necessary.

    Args:
        image: Image to fill, None to make one.
        name: Name of a new image.
        rgba: (H, W, 4) float32, row 0 at the top, straight alpha.
        like: Picture with the type and color space of a new image.

    Returns:
        The image, not packed. Its colors are kept even where alpha is 0.
    """
    if image is None:
        height, width = rgba.shape[:2]
        image = bpy.data.images.new(name, width, height, alpha=True, float_buffer=like.is_float)
        if not like.is_float:
            image.colorspace_settings.name = like.colorspace_settings.name
        image.alpha_mode = "CHANNEL_PACKED"
    return _filled(image, rgba)


@contextmanager
def temporary_picture(rgba: np.ndarray, like: bpy.types.Image) -> Iterator[bpy.types.Image]:
    """Give an image for as long as a block; arguments as of `fill_color`."""
    image = fill_color(None, like.name, rgba, like)
    try:
        yield image
    finally:
        bpy.data.images.remove(image)


def fill_depth(image: bpy.types.Image | None, name: str, depth: np.ndarray) -> bpy.types.Image:
    """Fill a float Non-Color image with (H, W) z-depth in meters; otherwise like `fill_color`."""
    if image is None:
        return float_image(name, depth)
    values = np.empty((*depth.shape, 4), np.float32)
    values[..., :3] = depth[..., None]
    values[..., 3] = 1
    return _filled(image, values)


def _filled(image: bpy.types.Image, values: np.ndarray) -> bpy.types.Image:
    height, width = values.shape[:2]
    if image_size(image) != (width, height):
        image.scale(width, height)
    replace_rgba(image, values)
    return image
