"""Cut plate: what a cut makes of a rig's plate, by its masks and what is painted."""

from collections.abc import Mapping

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.layers import Cut, KeptLayer, Layer, part_pixels, split_layers
from ..picture import has_pixels, image_values
from .clean_files import plate_frame
from .clean_plate import clean_plate
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
            found[obj[NUMBER]] = image_values(image)[..., 3] > 0, plate_frame(image)
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
            masks=read_masks(rig, width, height),
            painted=painted_masks(rig) if painted is None else painted,
            kept=kept, is_linear=plate.is_linear, sight=plate.sight,
            flat=plate.flat if cut.has_planes else None,
        )  # fmt: skip
    except ValueError as error:
        raise LayersError("{rig} cannot be cut so: {why}", rig=rig.name, why=error) from error


def label_plate(rig: bpy.types.Object, plate: Plate) -> np.ndarray:
    """Which layer of a rig's cut each pixel of its plate belongs to.

    Returns:
        (H, W) int8, the index of the layer in the cut, of the sky behind the last; below 0 where
        something was left out.
    """
    cut = kept_cut(rig)
    height, width = plate.depth.shape
    masks = read_masks(rig, width, height)
    labels, _ = part_pixels(plate.depth, cut, masks, flat=plate.flat if cut.has_planes else None)
    return labels
