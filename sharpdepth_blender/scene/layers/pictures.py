"""Pictures: images of layers, made once and filled anew with each change."""

import bpy
import numpy as np

from ..picture import float_image, image_size, replace_rgba


def fill_color(
    image: bpy.types.Image | None, name: str, rgba: np.ndarray, like: bpy.types.Image
) -> bpy.types.Image:
    """Put colors and alpha into an image, which is made where there is none yet.

    Args:
        image: Image of ours, or None.
        name: Name of a new one.
        rgba: (H, W, 4) float32, row 0 at the top, straight alpha.
        like: The picture: its kind of values is taken.

    Returns:
        The image, not packed yet. Its colors are there beneath any alpha.
    """
    if image is None:
        height, width = rgba.shape[:2]
        image = bpy.data.images.new(name, width, height, alpha=True, float_buffer=like.is_float)
        if not like.is_float:
            image.colorspace_settings.name = like.colorspace_settings.name
        image.alpha_mode = "CHANNEL_PACKED"
    return _filled(image, rgba)


def fill_depth(image: bpy.types.Image | None, name: str, depth: np.ndarray) -> bpy.types.Image:
    """Put z-depth in meters, (H, W), into a float Non-Color image; the rest as `fill_color`."""
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
