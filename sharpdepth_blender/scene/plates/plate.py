"""Plate: a picture as the model gets it, and what its source says of it."""

from dataclasses import dataclass

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.lens import Distortion
from .display import Display


@dataclass(frozen=True)
class Plate:
    """A picture from one of Blender's datablocks.

    Attributes:
        name: Of the datablock.
        rgb: (H, W, 3) uint8 sRGB, display-referred, row 0 at the top.
        texture: The user's own image where its pixels are this picture, else None.
        pixel_aspect: Height of a pixel over its width, as Blender displays it.
        path: Absolute path of the file behind it, None where there is none or it is a movie.
        intrinsics: Of a clip's tracking camera, without its distortion; None where nobody has
            solved or calibrated it, and for images.
        notes: Sentences for the user.
        full_size: Width and height of what it was made smaller from; None where it was not.
        display: What is still to fill `rgb`; None where that is done.
        distortion: What was removed from the file's pixels; None where nothing was.
    """

    name: str
    rgb: np.ndarray
    texture: bpy.types.Image | None = None
    pixel_aspect: float = 1.0
    path: str | None = None
    intrinsics: Intrinsics | None = None
    notes: tuple[str, ...] = ()
    full_size: tuple[int, int] | None = None
    display: Display | None = None
    distortion: Distortion | None = None


def pixel_aspect(block: bpy.types.Image | bpy.types.MovieClip) -> float:
    """Height over width of a pixel, as Blender displays the pictures of a datablock."""
    aspect = block.display_aspect
    return aspect[1] / aspect[0]
