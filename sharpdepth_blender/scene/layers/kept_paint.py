"""Kept paint: what somebody painted on the cut itself goes to the clean plate before another cut.

The cut's own image is packed just as it was cut; what differs is paint.
"""

import bpy
import numpy as np

from ...geometry.layers.compose import painted_since
from ..picture import has_pixels, image_size, image_values, new_packed_copy, packed_values
from .clean_plate import clean_plate, layer_frame
from .composed import linear_colors
from .cut_plate import cut_layers
from .layer_fill import lay_fill
from .layer_marks import COLOR
from .layer_object import is_cut_beside, is_repainted, note_spent, packed_as, sheet_mark
from .layer_root import NUMBER, kept_cut, layer_mark, layer_objects
from .notes import Note, note_of
from .paint_beneath import paint_beneath
from .split_source import read_plate

# What storing changes of a value at most: of 8 bits none, of half floats this share.
_HALF, _BYTE = 1e-3, 0.5 / 255
# By session uid of a layer: pixels that went to its clean plate, for undo may take that away.
_moved: dict[int, tuple[np.ndarray, np.ndarray]] = {}


def keep_paint(rig: bpy.types.Object) -> list[Note]:
    """Move what was painted on the cuts of a rig's layers to their clean plates.

    Call it before anything that the cut depends on changes. The cuts' images are left to be
    overwritten.

    Returns:
        Notes for the user.

    Raises:
        SceneError: A clean plate cannot be made.
    """
    told: list[Note] = []
    for obj in layer_objects(rig):
        if obj.get(COLOR) is None or not has_pixels(obj[COLOR]) or not is_repainted(obj):
            continue
        before, now = _cut_before(rig, obj), np.array(image_values(obj[COLOR]))
        note_spent(obj)
        if before is None or before.shape != now.shape:
            told.append(_keep_copy(obj, now))
            continue
        painted = painted_since(before, now, _HALF if obj[COLOR].is_float else _BYTE)
        if not painted.any():
            continue
        if (now[..., 3] < before[..., 3] - _BYTE)[painted].any():
            told.append(_keep_copy(obj, now))  # paint over a cut cannot make it more transparent
        paint = np.zeros_like(now)
        paint[painted] = now[painted]
        paint[painted, :3] = linear_colors(now[painted, :3], obj[COLOR]) * now[painted, 3:]
        _add(obj, paint)
        told.append(note_of("What was painted on {layer} is on its clean plate now.", obj))
    return told


def restore_moved(rig: bpy.types.Object) -> None:
    """Bring back paint that went from a cut to a clean plate which undo has taken away.

    Where undo has brought it back to the cut itself, it stays there.
    """
    for obj in layer_objects(rig):
        found = _moved.get(obj.session_uid)
        if found is None or clean_plate(obj) is not None or obj.get(COLOR) is None:
            continue
        frame = layer_frame(obj)
        if obj[COLOR].is_dirty or found[0].shape != (frame.height, frame.width):
            del _moved[obj.session_uid]
            continue
        paint = np.zeros((*found[0].shape, 4), np.float32)
        paint[found[0]] = found[1]
        _add(obj, paint)


def forget_moved() -> None:
    """Forget what only undo within this file could ask for."""
    _moved.clear()


def _cut_before(rig: bpy.types.Object, obj: bpy.types.Object) -> np.ndarray | None:
    """The picture that the cut gave a layer, None where nothing tells any more."""
    mark = sheet_mark(obj)
    if mark is not None and packed_as(obj) == mark:
        return packed_values(obj[COLOR])
    cut = kept_cut(rig)
    if is_cut_beside(obj) or mark != layer_mark(rig, cut, obj[NUMBER], whole=True):
        return None
    for layer in cut_layers(rig, cut, read_plate(rig)):
        if obj[NUMBER] == layer.id:
            lay_fill(obj, cut.layer(layer.id).fill, layer)
            values = layer.rgba
            return values if obj[COLOR].is_float else np.round(255 * values.clip(0, 1)) / 255
    return None


def _add(obj: bpy.types.Object, paint: np.ndarray) -> None:
    """Put paint, of the cut's frame, beneath what is on a layer's clean plate."""
    _moved[obj.session_uid] = paint[..., 3] > 0, paint[paint[..., 3] > 0]
    paint_beneath(obj, paint)


def _keep_copy(obj: bpy.types.Object, values: np.ndarray) -> Note:
    """Keep the painted picture of a layer as an image of its own."""
    image = new_packed_copy(f"{obj.name} painted", values, obj[COLOR])
    image.use_fake_user = True
    width, height = image_size(image)
    text = "{layer} as it was painted is kept in the image {image} ({width} x {height} pixels)."
    return note_of(text, obj, image=image, width=width, height=height)
