"""Parted paint: what is painted on a layer goes along with its pixels when it is split or merged.

It goes to new clean plates, as undo gives no image its former pixels.
"""

from collections.abc import Mapping

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.connected_components import nearest_known
from ...geometry.layers import Cut
from ...geometry.layers.frame import add_borders, borders_to, seen_in, with_borders
from ...geometry.windows import near_to
from ..picture import has_pixels, image_values
from ..transaction import Track
from .clean_files import new_plate_image, plate_frame
from .clean_plate import (
    clean_plate,
    kept_plate,
    layer_materials,
    replace_clean_plate,
    source_picture,
)
from .cut_plate import label_plate
from .layer_root import NUMBER, kept_cut, layer_name, layer_objects
from .material import picture_frame
from .split_source import Plate


def parted_plates(
    rig: bpy.types.Object, obj: bpy.types.Object, parted: Cut, plate: Plate, track: Track
) -> dict[int, bpy.types.Image]:
    """New clean plates for the parts of a layer that is about to be split, if both get paint.

    What is painted behind other layers, or beyond the picture, is of the part beside it. As edges
    are soft, the paint of both reaches past the border between them by as much.

    Args:
        rig: Empty that holds the layers.
        obj: The layer, and its nearer part.
        parted: The cut that has both.
        plate: What is cut.
        track: Of a transaction.

    Returns:
        By the ids of the parts; empty where all paint stays where it is.
    """
    image = _with_pixels(clean_plate(obj))
    if image is None:
        return {}
    number, other = obj[NUMBER], kept_cut(rig).next_id
    order, labels = [each.id for each in parted.layers], label_plate(rig, plate, parted)
    parts = np.stack([labels == order.index(each) for each in (number, other)], axis=-1)
    values, frame = np.array(image_values(image)), plate_frame(image)
    near, far = np.moveaxis(seen_in(parts, plate.intrinsics, frame) > 0.5, -1, 0)
    if not far.any():
        return {}
    is_far = nearest_known(far, near | far)
    if not (values[..., 3] > 0)[is_far].any():
        return {}
    margin = round((parted.layer(number).edge + 1) * frame.fx / plate.intrinsics.fx)
    near_values, far_values = (
        np.where(near_to(own, margin)[..., None], values, 0) for own in (~is_far, is_far)
    )
    paint = far_values, frame
    if former := _with_pixels(kept_plate(rig, other, parted)):
        paint = _laid_over(*paint, image_values(former), plate_frame(former))
    return {
        number: _new_plate(obj, obj.name, near_values, frame, track),
        other: _new_plate(obj, layer_name(rig, other, parted), *paint, track),
    }


def joined_plate(
    rig: bpy.types.Object,
    obj: bpy.types.Object,
    behind: bpy.types.Object,
    plate: Plate,
    track: Track,
) -> dict[int, bpy.types.Image]:
    """A new clean plate for a layer that is about to be merged with the one behind it.

    The paint of both, its own over the other. What the layer hides of that with its own pixels is
    left out.

    Args:
        rig: Empty that holds the layers.
        obj: The layer.
        behind: The other one.
        plate: What is cut.
        track: Of a transaction.

    Returns:
        By the layer's id; empty where there is no paint to be joined.
    """
    other = _with_pixels(clean_plate(behind))
    if other is None:
        return {}
    order = [each.id for each in kept_cut(rig).layers]
    hidden = label_plate(rig, plate) == order.index(obj[NUMBER])
    frame = plate_frame(other)
    hidden = seen_in(hidden[..., None], plate.intrinsics, frame) > 0.5
    paint = np.where(hidden, 0, image_values(other)), frame
    if not paint[0][..., 3].any():
        return {}
    if image := _with_pixels(clean_plate(obj)):
        paint = _laid_over(np.array(image_values(image)), plate_frame(image), *paint)
    elif not any(map(picture_frame, layer_materials(obj))):
        return {}  # somebody has given it another material, which shows no paint
    return {obj[NUMBER]: _new_plate(obj, obj.name, *paint, track)}


def show_plates(rig: bpy.types.Object, plates: Mapping[int, bpy.types.Image]) -> None:
    """Have the layers of a rig show new clean plates, by their ids."""
    for obj in layer_objects(rig):
        if obj[NUMBER] in plates:
            replace_clean_plate(obj, plates[obj[NUMBER]])


def _with_pixels(image: bpy.types.Image | None) -> bpy.types.Image | None:
    return image if image is not None and has_pixels(image) else None


def _laid_over(
    paint: np.ndarray, frame: Intrinsics, beneath: np.ndarray, other: Intrinsics
) -> tuple[np.ndarray, Intrinsics]:
    """Paint over other paint, both (H, W, 4) premultiplied; in its frame, enlarged for both."""
    borders = borders_to(frame, other)
    frame, paint = with_borders(frame, borders), add_borders(paint, borders)
    return paint + (1 - paint[..., 3:]) * seen_in(beneath, other, frame), frame


def _new_plate(
    obj: bpy.types.Object, name: str, values: np.ndarray, frame: Intrinsics, track: Track
) -> bpy.types.Image:
    paint = values.astype(np.float32)
    return track(new_plate_image(name, frame, source_picture(obj), paint=paint))
