"""Saving: files are written completely, or stay as they were."""

import os
from typing import Literal

import bpy
import numpy as np

from ..files import atomic_write
from .errors import SaveError
from .own_paths import relative_to
from .picture import new_picture

# A compressed .blend ends with a seek table, and that with this number (zstd seekable format).
_END = b"\xb1\xea\x92\x8f"
# The last chunk of a PNG: length 0, its name, its checksum.
PNG_END = bytes(4) + b"IEND\xae\x42\x60\x82"


def save_blend(path: str | os.PathLike[str]) -> None:
    """Save a compressed copy of the open file, beside `path` first and then in its place.

    No .blend1 is left behind, and `path` does not become the session's own file. Files of ours that
    lie beside or below it are found from there.

    Args:
        path: .blend file to write.

    Raises:
        SaveError: The file cannot be written.
    """
    try:
        with atomic_write(path) as beside:
            with relative_to(beside.parent):
                bpy.ops.wm.save_as_mainfile(
                    filepath=str(beside), copy=True, compress=True, relative_remap=True
                )
            check_end(beside, _END)  # Blender 5.0 reports success on a full disk
    except (OSError, RuntimeError) as error:
        raise SaveError.of(path, error) from error


def write_png(path: str | os.PathLike[str], rgb: np.ndarray) -> None:
    """Write a PNG, beside `path` first and then in its place.

    Args:
        path: File to write.
        rgb: (H, W, 3) uint8 sRGB.

    Raises:
        SaveError: The file cannot be written.
    """
    image = new_picture("picture output", rgb)
    try:
        with atomic_write(path) as beside:
            image.filepath_raw, image.file_format = str(beside), "PNG"
            image.save()
            check_end(beside, PNG_END)
    except (OSError, RuntimeError) as error:
        raise SaveError.of(path, error) from error
    finally:
        bpy.data.images.remove(image)


def choose_format(
    settings: bpy.types.ImageFormatSettings,
    name: Literal["OPEN_EXR", "OPEN_EXR_MULTILAYER", "PNG"],
) -> None:
    """Choose the format of the files that a scene's `image_settings` describe."""
    if hasattr(settings, "media_type"):  # from 5.0 on the kind of file comes before its format
        multilayer = name == "OPEN_EXR_MULTILAYER"
        settings.media_type = "MULTI_LAYER_IMAGE" if multilayer else "IMAGE"
    settings.file_format = name


def check_end(path: str | os.PathLike[str], end: bytes) -> None:
    """Raise OSError if a file is truncated.

    Args:
        path: File that Blender has just written.
        end: Bytes that every complete file of the format ends with.
    """
    with open(path, "rb") as file:
        file.seek(-min(len(end), os.fstat(file.fileno()).st_size), os.SEEK_END)
        if file.read() != end:
            raise OSError("It could not be written to its end; the disk may be full.")
