"""EXR: depth as 32-bit float files, written and read by Blender itself."""

import os

import bpy
import numpy as np

from ..geometry import replacing
from .errors import DepthFileError, SaveError, reason
from .exr_layout import LayoutError, check_layout
from .picture import float_image, image_values


def write_depth_exr(path, depth):
    """Write depth as a 32-bit float EXR, beside `path` first and then in its place.

    The three channels R, G and B each hold the depth, so that any program shows and reads it. No
    colour management; values come back bit for bit.

    Args:
        path: File to write, ending in .exr.
        depth: (H, W) metres, stored as float32.

    Raises:
        SaveError: The file cannot be written.
    """
    depth = np.asarray(depth, np.float32)
    scene = bpy.data.scenes.new("depth output")  # carries the file settings of `save_render`
    image = float_image("depth output", depth)
    try:
        settings = scene.render.image_settings
        settings.file_format = "OPEN_EXR"
        settings.color_mode = "RGB"
        settings.color_depth = "32"
        settings.exr_codec = "ZIP"
        with replacing(path) as beside:
            image.save_render(str(beside), scene=scene)
            check_layout(beside)  # Blender does not tell of every failed write
    except (OSError, RuntimeError, LayoutError) as error:
        raise SaveError.of(path, error) from error
    finally:
        bpy.data.images.remove(image)
        bpy.data.scenes.remove(scene)


def read_depth_exr(path):
    """Read depth from a single-layer EXR: its first channel, unchanged.

    Args:
        path: EXR file, half or full float.

    Returns:
        (H, W) float32, row 0 at the top.

    Raises:
        DepthFileError: The file is missing, broken, multilayer, or no EXR.
    """
    try:
        check_layout(path)
    except LayoutError as error:
        raise DepthFileError("The depth file {path} {error}.", path=path, error=error) from error
    except OSError as error:
        raise DepthFileError(
            "The depth file {path} cannot be read: {reason}", path=path, reason=reason(error)
        ) from error
    image = bpy.data.images.load(os.path.abspath(path))
    try:
        image.colorspace_settings.is_data = True
        if not len(image.pixels):
            raise DepthFileError("Blender finds no picture of depth in {path}.", path=path)
        return np.ascontiguousarray(image_values(image)[..., 0])
    finally:
        bpy.data.images.remove(image)
