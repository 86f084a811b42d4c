"""Picture: arrays as image datablocks, packed into the .blend file.

Row 0 is at the top of our arrays, but at the bottom of Blender's images.
"""

import zlib

import bpy
import numpy as np

from ..geometry import exr_content, png_content
from ..geometry.strips import strips
from .loading import load_image

# Custom property of a packed image: a checksum of its file as we packed it.
_PIXELS = "sharpdepth_pixels"
# By session uid: what tells the pixels of a file that was packed as they were in memory.
_packed: dict[int, str] = {}


def new_picture(name: str, rgb: np.ndarray, file: bytes | None = None) -> bpy.types.Image:
    """Make a packed 8-bit sRGB image, which is read when its pixels are first asked for.

    Args:
        name: Name of the new datablock.
        rgb: (H, W, 3) uint8 sRGB.
        file: The `picture_file` of it, where that is there already.

    Returns:
        Image whose bytes equal `rgb`, even after saving and reopening.
    """
    image = bpy.data.images.new(name, 1, 1, alpha=False)
    _pack(image, picture_file(rgb) if file is None else file)
    return image


def picture_file(rgb: np.ndarray) -> bytes:
    """The file that an image of (H, W, 3) uint8 packs: numpy alone, for any thread."""
    return b"".join(png_content(rgb))


def new_depth_image(name: str, depth: np.ndarray | bytes) -> bpy.types.Image:
    """Make a packed 32-bit float Non-Color image with depth in each of R, G and B.

    The packed file has a single channel, which Blender shows in all three, and is read when the
    values are first asked for.

    Args:
        name: Name of the new datablock.
        depth: (H, W) float32 meters, or the `depth_file` of that.

    Returns:
        Image whose values equal `depth` bit for bit, even after saving and reopening.
    """
    content = depth if isinstance(depth, bytes) else depth_file(depth)
    image = bpy.data.images.new(name, 1, 1, alpha=False, float_buffer=True)
    image.colorspace_settings.is_data = True
    _pack(image, content)
    return image


def depth_file(depth: np.ndarray) -> bytes:
    """The file that an image of (H, W) float32 depth packs: numpy alone, for any thread.

    It holds every bit, in half the bytes where the values are as `round_to_24_bits` makes them.
    """
    return b"".join(exr_content({"R": depth}, compact=True))


def normals_file(normals: np.ndarray) -> bytes:
    """The file that an image of (H, W, 3) normals packs, in half precision: numpy alone."""
    channels = {name: normals[..., axis].astype(np.float16) for axis, name in enumerate("RGB")}
    return b"".join(exr_content(channels))


def float_image(name: str, values: np.ndarray) -> bpy.types.Image:
    """Make a 32-bit float Non-Color image from (H, W) values, without packing it."""
    height, width = values.shape
    image = bpy.data.images.new(name, width, height, alpha=False, float_buffer=True)
    # First, since Blender converts the values of an image whose color space changes.
    image.colorspace_settings.is_data = True
    _set_pixels(image, _to_pixels(values[..., None]))
    return image


def replace_depth_values(image: bpy.types.Image, depth: np.ndarray) -> None:
    """Replace the values of an image made by `new_depth_image`; (H, W) float32, same size."""
    _set_pixels(image, _to_pixels(depth[..., None]))
    image.update()
    image.pack()


def replace_rgba(image: bpy.types.Image, rgba: np.ndarray) -> None:
    """Replace an image's values; (H, W, 4) float32, same size, row 0 at the top."""
    _set_pixels(image, np.ascontiguousarray(rgba[::-1]).ravel())
    image.update()


def mark_pixels(image: bpy.types.Image) -> None:
    """Keep with a packed image what tells its pixels from any that are painted later."""
    image[_PIXELS] = _pixels_now(image)


def is_changed(image: bpy.types.Image) -> bool:
    """Whether somebody has changed an image since it was packed, or since `mark_pixels`."""
    kept = image.get(_PIXELS)
    return image.is_dirty or (kept is not None and kept != _pixels_now(image))


def is_repacked(image: bpy.types.Image) -> bool:
    """Whether the file that an image packs is not the one of `mark_pixels`, or there is none."""
    kept = image.get(_PIXELS)
    return not kept or kept != _pixels_now(image)


def note_packed(image: bpy.types.Image) -> None:
    """Take in that an image packs the pixels that it has in memory."""
    _packed[image.session_uid] = _pixels_now(image)


def is_unpacked(image: bpy.types.Image) -> bool:
    """Whether an image has other pixels in memory than it packs.

    That is by paint since, or as undo has brought back what it packed before `note_packed`, but has
    left its pixels.
    """
    known = _packed.get(image.session_uid)
    return image.is_dirty or (known is not None and known != _pixels_now(image))


def packed_values(image: bpy.types.Image) -> np.ndarray:
    """The values of the file that an image packs, as it was packed; like `image_values`."""
    file = image.packed_file.data
    copy = bpy.data.images.new("packed", 1, 1, alpha=True, float_buffer=image.is_float)
    try:
        copy.alpha_mode = image.alpha_mode
        copy.colorspace_settings.name = image.colorspace_settings.name
        _pack(copy, file)
        return np.array(image_values(copy))
    finally:
        bpy.data.images.remove(copy)


def new_packed_copy(name: str, values: np.ndarray, like: bpy.types.Image) -> bpy.types.Image:
    """Make a packed image of (H, W, 4) values of the kind of another image's."""
    height, width = values.shape[:2]
    image = bpy.data.images.new(name, width, height, alpha=True, float_buffer=like.is_float)
    image.alpha_mode = like.alpha_mode
    if not like.is_float:
        image.colorspace_settings.name = like.colorspace_settings.name
    replace_rgba(image, values)
    image.pack()
    return image


def _pixels_now(image: bpy.types.Image) -> str:
    packed = image.packed_file
    return f"{zlib.crc32(packed.data):08x}" if packed else ""


def image_size(image: bpy.types.Image | bpy.types.MovieClip) -> tuple[int, int]:
    """Width and height in pixels, 0 where Blender has none."""
    return image.size[0], image.size[1]  # type: ignore[index]  # arrays of Blender have items


def has_pixels(image: bpy.types.Image) -> bool:
    """Whether an image has values, in memory or on disk."""
    return len(image.pixels) > 0  # type: ignore[arg-type]  # arrays of Blender have a length


def image_values(image: bpy.types.Image) -> np.ndarray:
    """Read an image's values.

    Args:
        image: Image with values in memory or on disk.

    Returns:
        (H, W, channels) float32, row 0 at the top; as stored in float images, 0..1 in 8-bit ones.
    """
    width, height = image_size(image)
    values = np.empty(width * height * image.channels, np.float32)
    image.pixels.foreach_get(values)
    return values.reshape(height, width, image.channels)[::-1]


def file_values(path: str) -> np.ndarray:
    """Read a file's values without color management, in the form of `image_values`.

    Raises:
        DamagedFile: Blender would crash.
        RuntimeError: Blender cannot read it.
    """
    image = load_image(path)
    try:
        image.colorspace_settings.is_data = True
        return np.ascontiguousarray(image_values(image))
    finally:
        bpy.data.images.remove(image)


def values_at(values: np.ndarray, uvs: np.ndarray) -> np.ndarray:
    """Look up pixels by UV coordinates.

    Args:
        values: (H, W, channels), row 0 at the top.
        uvs: (N, 2) in 0..1, v upwards; clamped to the border.

    Returns:
        (N, channels).
    """
    height, width, channels = values.shape
    found = np.empty((len(uvs), channels), values.dtype)
    for part in strips(*uvs.shape):
        columns = np.clip((uvs[part, 0] * width).astype(np.intp), 0, width - 1)
        rows = np.clip(((1 - uvs[part, 1]) * height).astype(np.intp), 0, height - 1)
        found[part] = values[rows, columns]
    return found


def _pack(image: bpy.types.Image, content: bytes) -> None:
    image.pack(data=content, data_len=len(content))
    image.source = "FILE"


def _set_pixels(image: bpy.types.Image, pixels: np.ndarray) -> None:
    image.pixels.foreach_set(pixels)  # type: ignore[arg-type]  # any buffer, not just a sequence


def _to_pixels(values: np.ndarray) -> np.ndarray:
    """Flatten (H, W, 3) or (H, W, 1), row 0 at the top, to RGBA float32 in Blender's order."""
    pixels = np.empty((*values.shape[:2], 4), np.float32)
    for channel in range(3):  # takes half the time of all three at once
        pixels[..., channel] = values[::-1, :, min(channel, values.shape[2] - 1)]
    pixels[..., 3] = 1
    return pixels.ravel()
