"""Cut plate: what a cut makes of a rig's plate, by its masks and what is painted."""

import zlib
from collections.abc import Iterable, Mapping

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.layers import Cut, KeptLayer, Layer, part_pixels, split_layers
from ...geometry.layers.frame import seen_in
from ..picture import has_pixels, image_size, image_values
from .clean_files import plate_frame
from .clean_plate import clean_plate, kept_plate, layer_frame
from .layer_marks import DEPTH
from .layer_masks import read_masks
from .layer_root import NUMBER, LayersError, kept_cut, layer_objects
from .split_source import Plate


def painted_masks(rig: bpy.types.Object) -> dict[int, tuple[np.ndarray, Intrinsics]]:
    """Where something is painted on the clean plates of a rig's layers, by their ids.

    Returns:
        (H, W) bool of the size of the intrinsics with it.
    """
    found = {}
    for obj in layer_objects(rig):
        image = clean_plate(obj)
        if image is not None and has_pixels(image):
            found[obj[NUMBER]] = painted_mask(image)
    return found


def kept_masks(
    rig: bpy.types.Object, cut: Cut, new: Iterable[int]
) -> dict[int, tuple[np.ndarray, Intrinsics]]:
    """The same of the clean plates that new layers are going to have.

    Args:
        rig: Empty that holds the layers.
        cut: How they are about to be cut.
        new: Ids of its layers that have no objects yet.
    """
    plates = {number: kept_plate(rig, number, cut) for number in new}
    return {
        number: painted_mask(plate)
        for number, plate in plates.items()
        if plate is not None and has_pixels(plate)
    }


def painted_mask(plate: bpy.types.Image) -> tuple[np.ndarray, Intrinsics]:
    """Where something is painted on a clean plate: (H, W) bool, and intrinsics of that size."""
    return image_values(plate)[..., 3] > 0, plate_frame(plate)


def bare_paint(rig: bpy.types.Object) -> int:
    """A checksum of unsaved paint on reliefs where these have no surface, until they are cut anew.

    Returns:
        0 where there is none.
    """
    found = 0
    for obj in layer_objects(rig):
        image, depth = clean_plate(obj), obj.get(DEPTH)
        if image is None or depth is None or not image.is_dirty or not has_pixels(image):
            continue
        width, height = image_size(depth)
        painted = image_values(image)[..., 3:] > 0
        frame = layer_frame(obj).resized(width, height)
        bare = seen_in(painted, plate_frame(image), frame)[..., 0] > 0
        bare &= image_values(depth)[..., 0] == 0
        if bare.any():
            found = zlib.crc32(np.packbits(bare).data, found or obj[NUMBER] + 2)
    return found


def cut_layers(
    rig: bpy.types.Object,
    cut: Cut,
    plate: Plate,
    painted: Mapping[int, tuple[np.ndarray, Intrinsics]] | None = None,
    kept: Mapping[int, KeptLayer] | None = None,
) -> list[Layer]:
    """What a cut makes of a rig's plate, from near to far, without what was invented since.

    Args:
        rig: Empty that holds the layers.
        cut: The cut.
        plate: What is cut.
        painted: As of `painted_masks`; None to look.
        kept: Layers that stay as they are, by their ids, and are not among what is returned.

    Raises:
        LayersError: The picture cannot be cut like this.
    """
    height, width = plate.depth.shape
    try:
        return split_layers(
            plate.picture, plate.depth, plate.intrinsics, cut,
            masks=read_masks(rig, width, height, cut),
            painted=painted_masks(rig) if painted is None else painted,
            kept=kept, is_linear=plate.is_linear, sight=plate.sight,
            flat=plate.flat if cut.has_planes else None,
        )  # fmt: skip
    except ValueError as error:
        raise LayersError("{rig} cannot be cut so: {why}", rig=rig.name, why=error) from error


def label_plate(rig: bpy.types.Object, plate: Plate, cut: Cut | None = None) -> np.ndarray:
    """Which layer of a rig's cut each pixel of its plate belongs to.

    Args:
        rig: Empty that holds the layers.
        plate: What is cut.
        cut: How; None as it is.

    Returns:
        (H, W) int8, the index of the layer in the cut, of the sky behind the last; below 0 where
        something was left out.
    """
    cut = cut or kept_cut(rig)
    height, width = plate.depth.shape
    masks = read_masks(rig, width, height, cut)
    labels, _ = part_pixels(plate.depth, cut, masks, flat=plate.flat if cut.has_planes else None)
    return labels
