"""Loading: files as images, after a look at those that Blender does not survive."""

import os
import struct

import bpy

from ..files import absolute, open_input
from ..geometry.picture_size import picture_size
from ..geometry.reduction import MOST_DECODED
from .errors import DamagedFile
from .exr_layout import MOST_PIXELS, BrokenLayout, area, check_whole, read_attributes

# How kinds begin that Blender holds as floats: Radiance, DPX, Cineon.
_FLOATS = b"#?", b"SDPX", b"XPDS", b"\x80\x2a\x5f\xd7", b"\xd7\x5f\x2a\x80"


def load_image(path: str | os.PathLike[str], check_existing: bool = False) -> bpy.types.Image:
    """Load a file as an image. Blender decides by its content of what kind it is.

    Args:
        path: Of the file; its name may have any bytes.
        check_existing: Whether to give the image that shows the file already, if there is one.

    Raises:
        DamagedFile: Blender 5.0 would crash, as on an EXR that breaks off.
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
            most = MOST_PIXELS if file.read(4).startswith(_FLOATS) else MOST_DECODED
            file.seek(0)
            size = picture_size(file)
        check_whole(path)
    except BrokenLayout as error:
        raise DamagedFile(path) from error
    except OSError as error:
        raise RuntimeError(f"The file {path} cannot be read") from error
    if size and size[0] * size[1] > most:
        raise RuntimeError(f"The file {path} is too large")
    window = read_attributes(path).get(b"dataWindow", b"")
    if len(window) == 16 and area(struct.unpack("<4i", window)) > MOST_PIXELS:
        raise RuntimeError(f"The file {path} is too large")
