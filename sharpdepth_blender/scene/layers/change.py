"""Change: splitting existing layers differently, in place."""

from collections.abc import Mapping

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.layers import Cut, Layer
from ..linked import check_local
from ..transaction import transaction
from .clean_plate import adopt_clean_plate
from .cut_plate import cut_layers, painted_masks
from .kept_paint import keep_paint
from .layer_fill import Fill, keep_fill, lay_fill
from .layer_object import (
    add_sheet,
    fill_sheet,
    mark_again,
    mark_sheet,
    note_spent,
    pack_picture,
    pack_sheet,
    remove_sheets,
    sheet_mark,
    show_picture,
)
from .layer_root import (
    NUMBER,
    keep_cut,
    keep_note,
    kept_cut,
    kept_images,
    layer_name,
    layer_objects,
    units_of,
)
from .split_source import Plate, read_plate

# Pixels along the longer side of a draft.
_DRAFT = 480


def layers_cut(rig: bpy.types.Object) -> Cut:
    """How the layers of a rig are cut; lengths in meters."""
    return kept_cut(rig)


def change_layers(
    rig: bpy.types.Object,
    cut: Cut,
    plate: Plate | None = None,
    draft: bool = False,
    painted: Mapping[int, tuple[np.ndarray, Intrinsics]] | None = None,
) -> list[Layer]:
    """Cut the layers of a rig differently, changing objects, materials and images in place.

    Missing layers are added; superfluous ones are removed along with their materials. Clean plates
    stay as they are, and what was painted on the cut itself goes to them first; where paint went is
    told by `layers_note`. What was invented for a layer before is put where the new cut does not
    show it, except in a draft.

    Args:
        rig: Empty that holds the layers.
        cut: The new cut.
        plate: Result of `read_plate`, for repeated cuts; None to read it.
        draft: Whether to use fewer pixels and not pack the images, while a slider is dragged.
        painted: Of `painted_masks`, likewise.

    Returns:
        The layers, from near to far.

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
    shown = plate.thinned(_DRAFT, cut.has_planes) if draft else plate
    layers = cut_layers(rig, cut, shown, painted)
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
            if not draft:
                lay_fill(obj, cut.layer(layer.id).fill, layer)
            fill_sheet(obj, layer, picture, units, track)
            mark_sheet(obj, repr(cut))
            if draft:
                note_spent(obj)
            else:
                pack_sheet(obj)
        for obj in added:
            adopt_clean_plate(rig, obj)
    told += remove_sheets(list(there.values()))
    keep_cut(rig, cut)
    if told:
        keep_note(rig, " ".join(told))
    return layers


def show_fill(
    rig: bpy.types.Object, obj: bpy.types.Object, layer: Layer, kind: str, fill: Fill | None
) -> None:
    """Have a layer show what was invented for it, and set that in its cut.

    Args:
        rig: Empty that holds the layers.
        obj: Layer.
        layer: What the cut made of it.
        kind: `TEXTURE` or `MODEL`.
        fill: What is to be kept; None to show what is kept already.
    """
    told = keep_paint(rig)
    picture = kept_images(rig)["Picture"]
    if fill is not None:
        keep_fill(obj, kind, fill, layer.intrinsics, picture)
    lay_fill(obj, kind, layer)
    show_picture(obj, layer, picture)
    cut = kept_cut(rig).with_layer(layer.id, fill=kind)
    keep_cut(rig, cut)
    for each in layer_objects(rig):
        mark_again(each, repr(cut))
    pack_picture(obj)
    if told:
        keep_note(rig, " ".join(told))


def is_current(rig: bpy.types.Object) -> bool:
    """Whether the pictures of a rig's layers match its cut, which undo can break."""
    wanted = repr(kept_cut(rig))
    return all(sheet_mark(obj) == wanted for obj in layer_objects(rig))
