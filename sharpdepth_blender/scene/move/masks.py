"""Masks: what to paint, kept with each layer and in files."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import bpy
import numpy as np

from ...files import file_stem
from ...geometry import Intrinsics
from ..layers import clean_plate, plate_path
from ..linked import is_linked
from ..picture import new_picture
from ..saving import write_png
from ..stored_intrinsics import read_intrinsics, stored_intrinsics
from .layer_view import LayerView

# Custom properties: of a layer the image, and of the image the intrinsics of its pixels.
_MASK, _FRAME = "sharpdepth_paint_here", "sharpdepth_paint_here_frame"


def mask_path(folder: Path, layer: str, frame: int | None = None) -> Path:
    """The file of a mask, `LAYER paint here.png` or `LAYER paint here.0001.png`.

    Args:
        folder: Where it is.
        layer: Name of the layer, of which the file has the `file_stem`.
        frame: That it is of alone; None for all of them.
    """
    number = "" if frame is None else f".{frame:04d}"
    return folder / f"{file_stem(layer)} paint here{number}.png"


def write_mask(folder: Path, layer: str, mask: np.ndarray, frame: int | None = None) -> None:
    """Write a mask, (H, W) bool, to its `mask_path` as a PNG, white where to paint.

    Raises:
        SaveError: The file cannot be written.
    """
    write_png(mask_path(folder, layer, frame), _white(mask))


def keep_masks(layers: Sequence[LayerView], masks: Mapping[str, np.ndarray]) -> None:
    """Keep with each layer a packed image of where to paint, instead of an earlier one.

    One that is linked from another file cannot keep any. Where a layer's clean plate is a file, the
    mask is written beside it: `NAME paint here.png`, by the name of that file, which stays when the
    layer gets another one.

    Args:
        layers: That were checked.
        masks: As of `FrameChecker.masks`.

    Raises:
        SaveError: A file cannot be written; all masks are kept in the .blend.
    """
    beside: dict[str, np.ndarray] = {}
    for layer in layers:
        if is_linked(layer.obj):
            continue
        before, title = mask_of(layer.obj), f"{layer.obj.name} paint here"
        image = new_picture(title, _white(masks[layer.obj.name]))
        image.colorspace_settings.is_data = True
        lens = layer.intrinsics
        image[_FRAME] = stored_intrinsics(lens)
        if before is not None:
            before.user_remap(image)  # in the Image Editor, too
            bpy.data.images.remove(before)
            image.name = title
        layer.obj[_MASK] = image
        plate = clean_plate(layer.obj)
        if plate is not None and (path := plate_path(plate)):
            # A duplicate of the layer has the same one, and may be what is seen.
            beside[path] = masks[layer.obj.name] | beside.get(path, np.False_)
    for path, mask in beside.items():
        write_mask(Path(path).parent, Path(path).stem, mask)


def mask_of(obj: bpy.types.Object) -> bpy.types.Image | None:
    """The image that `keep_masks` gave a layer, None if there is none."""
    image: bpy.types.Image | None = obj.get(_MASK)
    return image


def mask_frame(image: bpy.types.Image) -> Intrinsics:
    """Intrinsics of the layer's picture that a mask belongs to."""
    return read_intrinsics(image[_FRAME])


def _white(mask: np.ndarray) -> np.ndarray:
    return np.repeat(255 * mask[..., None].astype(np.uint8), 3, 2)
