"""Display: an image's pixels as Blender shows them, in 8-bit sRGB."""

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import bpy
import numpy as np
from bpy.app.translations import pgettext_rpt

from ...geometry.reduction import REDUCED, reduced_size, reduction
from ..picture import file_values, has_pixels, image_size, image_values
from ..scene_copy import copied_scene
from ..view_transform import show_plain_colors
from .errors import SourceError

# Scene-linear spaces whose names do not say so.
_ACES = ("ACEScg", "ACES2065-1")
# Pixels that are converted at a time, and how many times at once.
_BAND = 2**16
_THREADS = 4


def displayed(
    image: bpy.types.Image, scene: bpy.types.Scene, name: str, space: str | None = None
) -> tuple[np.ndarray, bool]:
    """Read the picture that an image with one frame holds.

    Args:
        image: Image with values in memory or on disk.
        scene: Scene-linear images are shown with its view settings.
        name: What the user calls it; `image` may be a temporary one.
        space: Name of the color space of the source, where the image is a copy of its pixels.

    Returns:
        (rgb, transparent): (H, W, 3) uint8 over black, row 0 at the top, and whether it was
        transparent anywhere.

    Raises:
        SourceError: Blender has no pixels of it.
    """
    if not all(image_size(image)) or not has_pixels(image):
        raise SourceError("The image {name} has no pixels.", name=name)
    values = image_values(image)
    own = image.colorspace_settings
    is_plain = not image.is_float and own.name == "sRGB" and not image.use_view_as_render
    if not (own.is_data or is_plain):
        is_linear = image.is_float and is_linear_space(space or own.name)
        values = _rendered(image, scene, name, plain=not (is_linear or image.use_view_as_render))
    return _over_black(values, image.alpha_mode not in ("NONE", "CHANNEL_PACKED"))


@contextmanager
def reduced(image: bpy.types.Image) -> Iterator[tuple[bpy.types.Image, str]]:
    """The image, or a smaller copy of one that is too large, and what is to be said of that.

    The name is left open in the sentence.
    """
    width, height = image_size(image)
    if reduction(width, height) == 1:
        yield image, ""
        return
    smaller, lower = reduced_size(width, height)
    copy: bpy.types.Image = image.copy()  # type: ignore[assignment]  # never None
    try:
        copy.scale(smaller, lower)
        numbers = {"width": width, "height": height, "smaller": smaller, "lower": lower}
        yield copy, pgettext_rpt(REDUCED).format(name="{name}", **numbers)
    finally:
        bpy.data.images.remove(copy)


def _rendered(image: bpy.types.Image, scene: bpy.types.Scene, name: str, plain: bool) -> np.ndarray:
    """(H, W, 4) float32 straight sRGB, as `scene` would show the image."""
    view = copied_scene(scene)  # its file settings have to change, and its view settings for some
    try:
        if plain:
            show_plain_colors(view)
        settings = view.render.image_settings
        if hasattr(settings, "media_type"):  # from 5.0 on
            settings.media_type = "IMAGE"
        settings.file_format = "PNG"
        settings.color_mode = "RGBA"
        settings.color_depth = "8"
        settings.compression = 0
        settings.color_management = "FOLLOW_SCENE"
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "shown.png")
            image.save_render(path, scene=view)
            return file_values(path)
    except RuntimeError as error:
        raise SourceError("The image {name} cannot be shown.", name=name) from error
    finally:
        bpy.data.scenes.remove(view)


def is_linear_space(space: str) -> bool:
    """Whether a color space's name says that it is scene-linear."""
    return "linear" in space.lower() or space in _ACES


def _over_black(values: np.ndarray, has_alpha: bool) -> tuple[np.ndarray, bool]:
    """In bands that stay in the processor's cache, several at a time, as numpy lets threads run."""
    height, width, channels = values.shape
    rgb = np.empty((height, width, 3), np.uint8)
    rows = max(1, _BAND // max(width, 1))

    def fill(top: int) -> bool:
        band = values[top : top + rows]
        colors = np.array(band[..., :3] if channels >= 3 else np.repeat(band[..., :1], 3, axis=2))
        transparent = False
        if has_alpha and channels == 4:
            alpha = band[..., 3:]
            transparent = bool(alpha.min() < 1)
            if transparent:
                colors *= alpha
        np.nan_to_num(colors, copy=False)
        np.clip(colors, 0, 1, out=colors)
        colors *= 255
        rgb[top : top + rows] = np.round(colors, out=colors)
        return transparent

    with ThreadPoolExecutor(_THREADS) as threads:
        transparent = any([*threads.map(fill, range(0, height, rows))])
    return rgb, transparent
