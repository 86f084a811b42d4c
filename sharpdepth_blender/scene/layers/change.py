"""Change: splitting existing layers differently, in place."""

from collections.abc import Mapping

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.layers import Cut, split_layers
from ..linked import check_local
from ..mesh import mesh_of
from ..picture import has_pixels, image_values
from ..transaction import transaction
from .clean_files import plate_frame
from .clean_plate import adopt_clean_plate, clean_plate
from .kept_paint import keep_paint
from .layer_marks import PAINT_MESH
from .layer_masks import read_masks
from .layer_object import (
    add_sheet,
    fill_sheet,
    mark_sheet,
    note_spent,
    pack_sheet,
    remove_sheets,
    sheet_mark,
)
from .layer_root import (
    NUMBER,
    LayersError,
    keep_cut,
    keep_note,
    kept_cut,
    kept_images,
    layer_name,
    layer_objects,
    units_of,
)
from .painting import give_paint_mesh, take_paint_mesh
from .split_source import Plate, read_plate

# Pixels along the longer side of a draft.
_DRAFT = 480


def layers_cut(rig: bpy.types.Object) -> Cut:
    """How the layers of a rig are cut; lengths in meters."""
    return kept_cut(rig)


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


def change_layers(
    rig: bpy.types.Object,
    cut: Cut,
    plate: Plate | None = None,
    draft: bool = False,
    painted: Mapping[int, tuple[np.ndarray, Intrinsics]] | None = None,
) -> None:
    """Cut the layers of a rig differently, changing objects, materials and images in place.

    Missing layers are added; superfluous ones are removed along with their materials. Clean plates
    stay as they are, and what was painted on the cut itself goes to them first; where paint went is
    told by `layers_note`.

    Args:
        rig: Empty that holds the layers.
        cut: The new cut.
        plate: Result of `read_plate`, for repeated cuts; None to read it.
        draft: Whether to use fewer pixels and not pack the images, while a slider is dragged.
        painted: Of `painted_masks`, likewise.

    Raises:
        LayersError: An image is gone, or the picture cannot be cut like this.
        LinkedError: They are linked from another file.
    """
    for each in (rig, *layer_objects(rig)):
        check_local(each)
        check_local(each.data or each)
    told = keep_paint(rig)
    plate = plate or read_plate(rig)
    painted = painted_masks(rig) if painted is None else painted
    shown = plate.thinned(_DRAFT) if draft else plate
    height, width = shown.depth.shape
    try:
        layers = split_layers(
            shown.picture, shown.depth, shown.intrinsics, cut,
            masks=read_masks(rig, width, height), is_linear=plate.is_linear, sight=plate.sight,
            painted=painted,
        )  # fmt: skip
    except ValueError as error:
        raise LayersError("{rig} cannot be cut so: {why}", rig=rig.name, why=error) from error
    picture, units = kept_images(rig)["Picture"], units_of(rig)
    there = {obj[NUMBER]: obj for obj in layer_objects(rig)}
    added = []
    with transaction() as track:
        for layer in layers:
            obj = there.pop(layer.id, None)
            if obj is None:
                settings = cut.layer(layer.id)
                name = settings.name or layer_name(rig, layer.id)
                obj = add_sheet(rig, name, picture, layer, track)
                obj.hide_viewport = obj.hide_render = settings.hidden
                added.append(obj)
                for collection in rig.users_collection:
                    collection.objects.link(obj)
            fill_sheet(obj, layer, picture, units, track)
            mark_sheet(obj, repr(cut))
            if draft:
                note_spent(obj)
            else:
                pack_sheet(obj)
            if PAINT_MESH in mesh_of(obj).keys():
                (give_paint_mesh if obj.mode == "TEXTURE_PAINT" else take_paint_mesh)(obj)
        for obj in added:
            adopt_clean_plate(rig, obj)
    told += remove_sheets(list(there.values()))
    keep_cut(rig, cut)
    if told:
        keep_note(rig, " ".join(told))


def is_current(rig: bpy.types.Object) -> bool:
    """Whether the pictures of a rig's layers match its cut, which undo can break."""
    wanted = repr(kept_cut(rig))
    return all(sheet_mark(obj) == wanted for obj in layer_objects(rig))
