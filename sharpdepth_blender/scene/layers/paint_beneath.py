"""Paint beneath: what comes from elsewhere goes beneath what is painted on a clean plate."""

import bpy
import numpy as np

from ...geometry.layers.compose import over
from ...geometry.layers.frame import seen_in
from ..picture import image_values, replace_rgba
from .clean_files import plate_frame, save_plate
from .clean_plate import (
    clean_plate,
    grow_clean_plate,
    layer_frame,
    new_clean_plate,
)


def paint_beneath(obj: bpy.types.Object, paint: np.ndarray) -> None:
    """Put paint beneath what is on a layer's clean plate, which it gets where it has none.

    Args:
        obj: Layer.
        paint: (H, W, 4) float32 premultiplied linear light, in the frame of `layer_frame`.

    Raises:
        SceneError: A clean plate cannot be made or written.
    """
    plate = clean_plate(obj) or new_clean_plate(obj)
    grow_clean_plate(obj)
    beneath = seen_in(paint, layer_frame(obj), plate_frame(plate))
    where = beneath[..., 3] > 0
    values = np.array(image_values(plate))
    straight = beneath[where]
    straight[:, :3] /= straight[:, 3:]
    whole = over(values[where], straight)
    whole[:, :3] *= whole[:, 3:]
    values[where] = whole
    replace_rgba(plate, values)
    save_plate(plate)
