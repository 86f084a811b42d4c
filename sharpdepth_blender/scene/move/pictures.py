"""Pictures: the coverage of a frame, drawn over what it shows."""

import bpy
import numpy as np

from ...geometry import replacing
from ..errors import SaveError
from ..picture import new_picture
from ..saving import PNG_END, check_end
from .coverage import HOLE, STRETCHED, UNPAINTED

_DIM = 0.4
# sRGB of each fault, and how much of it covers what is there.
_COLORS = {
    HOLE: ((255, 0, 255), 1.0),
    UNPAINTED: ((0, 190, 255), 0.75),
    STRETCHED: ((255, 140, 0), 0.75),
}


def draw_coverage(light, faults):
    """Draw what is wrong with a frame over the frame itself, dimmed.

    Args:
        light: (H, W, 3) scene-linear.
        faults: (H, W) as of `find_faults`.

    Returns:
        (H, W, 3) uint8 sRGB: magenta where nothing is, blue where paint is missing, orange where it
        is stretched.
    """
    light = np.clip(np.nan_to_num(light), 0, 1)
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    drawn = _DIM * 255 * curve
    for fault, (color, share) in _COLORS.items():
        here = faults == fault
        drawn[here] = (1 - share) * drawn[here] + share * np.array(color)
    return np.round(drawn).astype(np.uint8)


def write_coverage(path, picture):
    """Write a picture of `draw_coverage` to a PNG, beside `path` first and then in its place.

    Raises:
        SaveError: It cannot be written.
    """
    image = new_picture("coverage", picture)
    try:
        with replacing(path) as beside:
            image.filepath_raw, image.file_format = str(beside), "PNG"
            image.save()
            check_end(beside, PNG_END)
    except (OSError, RuntimeError) as error:
        raise SaveError.of(path, error) from error
    finally:
        bpy.data.images.remove(image)
