"""Pictures beside each other, and depth as color."""

import bpy
import numpy as np

# Near is warm and bright, far is cold and dark: equal steps of brightness, readable in gray.
_RAMP = np.array(
    [(18, 16, 48), (44, 42, 120), (40, 98, 160), (36, 152, 150), (110, 190, 100), (232, 208, 90),
     (255, 250, 220)],
    np.float32,
)  # fmt: skip


def color_depth(depth: np.ndarray) -> np.ndarray:
    """Color z-depth (H, W) by its inverse, between its 1st and 99th percentile; uint8 RGB."""
    disparity = 1 / depth
    far, near = np.percentile(disparity, (1, 99))
    place = np.clip((disparity - far) / max(near - far, 1e-12), 0, 1) * (len(_RAMP) - 1)
    channels = [np.interp(place, range(len(_RAMP)), _RAMP[:, channel]) for channel in range(3)]
    return np.stack(channels, -1).astype(np.uint8)


def read(path, size=None) -> np.ndarray:
    """Read an 8-bit picture as (H, W, 3) uint8, row 0 at the top, scaled to (width, height)."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    if size is not None:
        image.scale(*size)
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    pixels = pixels.reshape(height, width, 4)[::-1, :, :3]
    return np.rint(pixels * 255).astype(np.uint8)


def write_beside_each_other(path, pictures, gap=8) -> None:
    """Write pictures of one height as one PNG, side by side on white."""
    height = pictures[0].shape[0]
    white = np.full((height, gap, 3), 255, np.uint8)
    parts = [part for picture in pictures for part in (picture, white)][:-1]
    sheet = np.concatenate(parts, axis=1)
    image = bpy.data.images.new("sheet", sheet.shape[1], height)
    rgba = np.ones((*sheet.shape[:2], 4), np.float32)
    rgba[..., :3] = sheet[::-1] / np.float32(255)
    image.colorspace_settings.name = "Non-Color"
    image.pixels.foreach_set(rgba.ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)
