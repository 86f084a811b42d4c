"""Pictures beside each other, and depth as color."""

import tempfile
from pathlib import Path

import blf
import bpy
import imbuf
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


def write_beside_each_other(path, pictures) -> None:
    """Write pictures of one height as one PNG, side by side on white."""
    write_rows(path, [pictures])


def write_rows(path, rows) -> None:
    """Write rows of pictures as one PNG, on white; those of a row are of one height."""
    lines = [_joined(row, 1) for row in rows]
    widest = max(line.shape[1] for line in lines)
    lines = [_widened(line, widest) for line in lines]
    write(path, _joined(lines, 0))


def write(path, picture) -> None:
    """Write (H, W, 3) uint8 as a PNG, its values unchanged."""
    height, width = picture.shape[:2]
    image = bpy.data.images.new("sheet", width, height)
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = picture[::-1] / np.float32(255)
    image.colorspace_settings.name = "Non-Color"
    image.pixels.foreach_set(rgba.ravel())
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()
    bpy.data.images.remove(image)


def halved(picture) -> np.ndarray:
    """Take the mean of each 2 x 2 pixels of (H, W, 3) uint8; H and W are even."""
    height, width = picture.shape[:2]
    blocks = picture.reshape(height // 2, 2, width // 2, 2, 3)
    return np.rint(blocks.mean((1, 3))).astype(np.uint8)


def titled(picture, text, size=14) -> np.ndarray:
    """Put a line of text over a picture, on white."""
    width = picture.shape[1]
    strip = imbuf.new((width, 2 * size))
    blf.size(0, size)
    blf.color(0, 1, 1, 1, 1)
    blf.position(0, 4, size // 2, 0)
    with blf.bind_imbuf(0, strip), tempfile.TemporaryDirectory() as folder:
        blf.draw_buffer(0, text)
        file = Path(folder) / "text.png"
        imbuf.write(strip, filepath=str(file))
        return np.concatenate([255 - read(file), picture])


def _joined(pictures, axis, gap=8):
    """Pictures in a row or a column, with white between them."""
    shape = list(pictures[0].shape)
    shape[axis] = gap
    white = np.full(shape, 255, np.uint8)
    return np.concatenate([part for each in pictures for part in (each, white)][:-1], axis)


def _widened(picture, width):
    return np.pad(picture, ((0, 0), (0, width - picture.shape[1]), (0, 0)), constant_values=255)
