"""Composed: what a layer shows, its clean plate over its cut, as one picture."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.layers.compose import over
from ...geometry.layers.frame import seen_in
from ...geometry.srgb import from_linear, to_linear
from ..errors import SaveError
from ..picture import file_values, has_pixels, image_values
from ..saving import PNG_END, check_end
from ..temporary import temporary_folder
from .clean_files import CleanPlateError, plate_frame, write_values
from .clean_plate import clean_plate, is_layer, layer_frame
from .layer_marks import COLOR
from .pictures import temporary_picture


def layer_pixels(obj: bpy.types.Object) -> np.ndarray:
    """What a layer shows: what is painted on its clean plate, over what the cut made.

    Args:
        obj: Layer.

    Returns:
        (H, W, 4) float32, row 0 at the top, straight alpha, in the frame of `layer_frame`; values
        as in the cut's own image: scene-linear where that is float, else as encoded in 0..1.

    Raises:
        CleanPlateError: It is no layer, or a picture of it is gone.
    """
    if not is_layer(obj) or not has_pixels(obj[COLOR]):
        raise CleanPlateError("The picture of {obj} is gone.", obj=obj.name)
    pixels = np.array(image_values(obj[COLOR]))
    plate = clean_plate(obj)
    if plate is None:
        return pixels
    paint = paint_over(obj)
    where = paint[..., 3] > 0
    if not where.any():
        return pixels
    beneath = pixels[where]
    beneath[:, :3] = linear_colors(beneath[:, :3], obj[COLOR])
    shown = over(paint[where], beneath)
    shown[:, :3] = _encoded(shown[:, :3], obj[COLOR])
    pixels[where] = shown
    return pixels


def paint_over(obj: bpy.types.Object, frame: Intrinsics | None = None) -> np.ndarray:
    """What is painted on a layer's clean plate.

    Args:
        obj: Layer.
        frame: Intrinsics of what is wanted; None for `layer_frame`.

    Returns:
        (H, W, 4) float32 premultiplied scene-linear, row 0 at the top; alpha is how much of a pixel
        is painted, 0 everywhere without a clean plate.

    Raises:
        CleanPlateError: The clean plate is gone.
    """
    frame, plate = frame or layer_frame(obj), clean_plate(obj)
    if plate is None:
        return np.zeros((frame.height, frame.width, 4), np.float32)
    if not has_pixels(plate):
        raise CleanPlateError("The clean plate {image} is gone.", image=plate.name)
    return seen_in(image_values(plate), plate_frame(plate), frame)


def painted_in(obj: bpy.types.Object, frame: Intrinsics) -> np.ndarray:
    """How much of each pixel of a frame is painted on a layer, (H, W) in 0..1; 0 of what is gone.

    Args:
        obj: Layer.
        frame: Intrinsics of a picture from the layer's origin.
    """
    plate = clean_plate(obj)
    if plate is None or not has_pixels(plate):
        return np.zeros((frame.height, frame.width), np.float32)
    return paint_over(obj, frame)[..., 3]


def is_composed(obj: bpy.types.Object) -> bool:
    """Whether a layer shows more than what the cut made."""
    return is_layer(obj) and clean_plate(obj) is not None


@contextmanager
def composed_image(obj: bpy.types.Object) -> Iterator[bpy.types.Image]:
    """Give an image of what a layer shows, of the kind of the cut's own, for as long as a block.

    Raises:
        CleanPlateError: As of `layer_pixels`.
    """
    with temporary_picture(layer_pixels(obj), obj[COLOR]) as image:
        yield image


def linear_colors(colors: np.ndarray, image: bpy.types.Image) -> np.ndarray:
    """(N, 3) colors of a cut's image in linear light."""
    space = image.colorspace_settings
    if image.is_float or space.is_data:
        return colors
    if space.name == "sRGB":
        return to_linear(colors)
    return _converted(colors, "Non-Color", space.name)


def _encoded(colors: np.ndarray, image: bpy.types.Image) -> np.ndarray:
    """(N, 3) colors in linear light as values of an image."""
    space = image.colorspace_settings
    if image.is_float or space.is_data:
        return colors
    if space.name == "sRGB":
        return np.clip(from_linear(colors), 0, 1)
    return _converted(colors, space.name, "Non-Color")


def _converted(colors: np.ndarray, written: str, read: str) -> np.ndarray:
    """(N, 3) colors written in one color space and read in another, by Blender."""
    values = np.ones((1, len(colors), 4), np.float32)
    values[0, :, :3] = colors
    with temporary_folder() as folder:
        path = os.path.join(folder, "colors.png")
        try:
            write_values(path, values, written)
            check_end(path, PNG_END)  # Blender does not tell of every failed write
        except (OSError, RuntimeError) as error:
            raise SaveError.of(path, error) from error
        if read == "Non-Color":
            return file_values(path)[0, :, :3]
        image = bpy.data.images.load(path)
        try:
            image.colorspace_settings.name = read
            return image_values(image)[0, :, :3].copy()
        finally:
            bpy.data.images.remove(image)
