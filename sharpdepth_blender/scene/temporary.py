"""Temporary files: what Blender writes for us to read again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

import bpy
import numpy as np

from .errors import SaveError, reason
from .picture import file_values
from .saving import PNG_END, check_end, choose_format


@contextmanager
def temporary_folder() -> Iterator[str]:
    """Give a private folder, which goes in the end.

    Raises:
        SaveError: None can be made.
    """
    try:
        made = TemporaryDirectory()
    except OSError as error:
        raise SaveError("There is no room for temporary files: {why}", why=reason(error)) from error
    with made as folder:
        yield folder


def shown_values(
    image: bpy.types.Image, scene: bpy.types.Scene, *, alpha: bool, bits: int
) -> np.ndarray:
    """The values of an image as a scene's view settings show it; its file settings are changed.

    Args:
        image: What is shown.
        scene: Shows it.
        alpha: Whether its alpha counts.
        bits: Of each value.

    Returns:
        (H, W, channels) float32 sRGB, row 0 at the top; straight where there is alpha.

    Raises:
        SaveError: There is no room for a temporary file.
        RuntimeError: Blender cannot show it, or write the file.
    """
    settings = scene.render.image_settings
    choose_format(settings, "PNG")
    settings.color_mode = "RGBA" if alpha else "RGB"
    settings.color_depth = str(bits)  # type: ignore[assignment]  # one of them
    settings.compression = 0
    settings.color_management = "FOLLOW_SCENE"
    with temporary_folder() as folder:
        path = os.path.join(folder, "shown.png")
        image.save_render(path, scene=scene)
        try:
            check_end(path, PNG_END)  # Blender does not tell of every failed write
        except OSError as error:
            raise SaveError.of(path, error) from error
        return file_values(path)
