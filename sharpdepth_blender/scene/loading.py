"""Loading: files as images, after a look at those that Blender does not survive."""

import math
import os
import struct

import bpy

from ..files import absolute, open_input
from ..geometry.picture_size import picture_size
from ..geometry.reduction import MOST_DECODED
from .errors import DamagedFile, LargeFile
from .exr_layout import BrokenLayout, area, check_whole, read_attributes

# Bytes that Blender takes at most for a file's pixels, whatever is free, and of what is free.
_MOST_BYTES, _SHARE = 4 * MOST_DECODED, 0.5
# Bytes of a pixel in Blender's memory.
_BYTE_PIXEL, _FLOAT_PIXEL = 4, 16
# How kinds begin that Blender holds as floats: Radiance, DPX, Cineon.
_FLOATS = b"#?", b"SDPX", b"XPDS", b"\x80\x2a\x5f\xd7", b"\xd7\x5f\x2a\x80"


def load_image(path: str | os.PathLike[str], check_existing: bool = False) -> bpy.types.Image:
    """Load a file as an image. Blender decides by its content of what kind it is.

    Args:
        path: Of the file; its name may have any bytes.
        check_existing: Whether to give the image that shows the file already, if there is one.

    Raises:
        DamagedFile: Blender 5.0 would crash, as on an EXR that breaks off.
        LargeFile: Its pixels, of a kind that only Blender reads, would take all memory.
        RuntimeError: There is no file, Blender cannot read it, or its pixels would take all memory.
        UnicodeError: Its name is not UTF-8, as Blender's have to be.
    """
    if not os.path.isfile(path):  # Blender waits for a pipe for ever
        raise RuntimeError(f"There is no file {path}")
    _check(path)
    return bpy.data.images.load(absolute(path), check_existing=check_existing)


def _check(path: str | os.PathLike[str]) -> None:
    try:
        with open_input(path) as file:
            pixel = _FLOAT_PIXEL if file.read(4).startswith(_FLOATS) else _BYTE_PIXEL
            file.seek(0)
            width, height = picture_size(file) or (0, 0)
        check_whole(path)
    except BrokenLayout as error:
        raise DamagedFile(path) from error
    except OSError as error:
        raise RuntimeError(f"The file {path} cannot be read") from error
    needed = pixel * width * height
    window = read_attributes(path).get(b"dataWindow", b"")
    if len(window) == 16:
        pixel = _FLOAT_PIXEL
        needed = pixel * area(struct.unpack("<4i", window))
    if needed > min(_MOST_BYTES, _SHARE * _free_memory()):
        if pixel == _FLOAT_PIXEL:
            raise LargeFile(path)
        raise RuntimeError(f"The file {path} is too large")  # the engine may read it smaller


def _free_memory() -> float:
    """Bytes that programs can have without others being ended, as Linux tells; else infinite."""
    try:
        with open("/proc/meminfo") as file:
            facts = dict(line.split(":", 1) for line in file)
        return int(facts["MemAvailable"].split()[0]) << 10
    except (OSError, ValueError, KeyError):
        return math.inf
