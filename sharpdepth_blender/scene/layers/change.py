"""Change: splitting existing layers differently, in place."""

from collections.abc import Sequence

import bpy
from bpy.app.translations import pgettext_rpt

from ...geometry.layers import SKY, Cut, split_layers
from ..linked import check_local
from ..projection import projections_of
from ..transaction import transaction
from .layer_object import (
    add_sheet,
    fill_sheet,
    is_painted,
    mark_sheet,
    pack_sheet,
    remove_sheets,
    sheet_layer,
    sheet_mark,
)
from .layer_root import (
    NUMBER,
    LayersError,
    keep_cut,
    keep_note,
    kept_cut,
    kept_images,
    layer_mark,
    layer_name,
    layer_objects,
    units_of,
)
from .split_source import Plate, read_plate

# Pixels along the longer side of a draft.
_DRAFT = 480
_DRAFT_OF = "draft of "
# How marks began before layers had settings of their own.
_FORMER = "LayerSettings("


def layers_cut(rig: bpy.types.Object) -> Cut:
    """How the layers of a rig are cut; lengths in meters."""
    return kept_cut(rig)


def change_layers(
    rig: bpy.types.Object,
    cut: Cut,
    plate: Plate | None = None,
    draft: bool = False,
    whole: bool = True,
) -> None:
    """Cut the layers of a rig differently, changing objects, materials and images in place.

    Missing layers are added; superfluous ones are removed along with their materials, or hidden and
    no longer layers if somebody painted on them, shaped them or projected onto them, which
    `layers_note` then says. Those that show what they should are left as they are.

    Args:
        rig: Empty that holds the layers.
        cut: The new cut.
        plate: Result of `read_plate`, for repeated cuts; None to read it.
        draft: Whether to use fewer pixels and not pack the images, while a slider is dragged.
        whole: Whether to cut all layers together, so that they make up the picture as exactly as
            they can; False to leave those that the cut says the same of as they are.

    Raises:
        LayersError: An image is gone, or the picture cannot be cut like this.
        LinkedError: They are linked from another file.
    """
    for each in (rig, *layer_objects(rig)):
        check_local(each)
        check_local(each.data or each)
    plate = plate or read_plate(rig)
    shown = plate.thinned(_DRAFT) if draft else plate
    there = {obj[NUMBER]: obj for obj in layer_objects(rig)}
    marks = {each.id: layer_mark(rig, cut, each.id, whole) for each in (*cut.layers, cut.sky)}
    kept = {
        number: layer
        for number, obj in there.items()
        if sheet_mark(obj) == marks.get(number)
        and (layer := sheet_layer(obj, plate.intrinsics)) is not None
    }
    try:
        layers = split_layers(
            shown.picture, shown.depth, shown.intrinsics, cut,
            kept=None if draft else kept, is_linear=plate.is_linear, sight=plate.sight,
        )  # fmt: skip
    except ValueError as error:
        raise LayersError("{rig} cannot be cut so: {why}", rig=rig.name, why=error) from error
    picture, units = kept_images(rig)["Picture"], units_of(rig)
    with transaction() as track:
        for layer in layers:
            if draft and layer.id in kept:
                continue
            obj = there.get(layer.id)
            if obj is None:
                settings = cut.layer(layer.id)
                name = settings.name or layer_name(rig, layer.id)
                obj = add_sheet(rig, name, picture, layer, track)
                obj.hide_viewport = obj.hide_render = settings.hidden
                for collection in rig.users_collection:
                    collection.objects.link(obj)
            fill_sheet(obj, layer, picture, shown.intrinsics, units, track)
            mark_sheet(obj, f"{_DRAFT_OF}{marks[layer.id]}" if draft else marks[layer.id])
            if not draft:
                pack_sheet(obj)
    stay = kept.keys() | {layer.id for layer in layers}
    _take_away(rig, [obj for number, obj in there.items() if number not in stay])
    keep_cut(rig, cut, whole)


def _take_away(rig: bpy.types.Object, objects: Sequence[bpy.types.Object]) -> None:
    """Remove objects that are no longer layers, but nobody's work."""
    own = [
        obj
        for obj in objects
        if projections_of(obj)
        or (is_painted(obj) and not (sheet_mark(obj) or "").startswith(_DRAFT_OF))
    ]
    for obj in own:
        del obj[NUMBER]
        obj.hide_viewport = obj.hide_render = True
    if own:
        text = pgettext_rpt("{names}: painted on or edited, so hidden in place of being removed.")
        keep_note(rig, text.format(names=", ".join(obj.name for obj in own)))
    remove_sheets([obj for obj in objects if obj not in own])


def is_current(rig: bpy.types.Object) -> bool:
    """Whether the pictures of a rig's layers match its cut, which undo can break."""
    cut = kept_cut(rig)
    ids = {SKY, *(each.id for each in cut.layers)}
    for obj in layer_objects(rig):
        mark = sheet_mark(obj) or ""
        if mark.startswith(_FORMER):
            continue
        wanted = layer_mark(rig, cut, obj[NUMBER]) if obj[NUMBER] in ids else None
        if mark.removeprefix(_DRAFT_OF) != wanted:
            return False
    return True
