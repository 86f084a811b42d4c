"""Change: splitting existing layers differently, in place."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import bpy
import numpy as np

from ...geometry import Intrinsics
from ...geometry.layers import SKY, Cut, Layer
from ..linked import check_local
from ..mesh import mesh_of
from ..projection import projections_of
from ..transaction import transaction
from .clean_plate import adopt_clean_plate
from .cut_plate import cut_layers, kept_masks, painted_masks
from .kept_paint import keep_paint
from .layer_fill import Fill, keep_fill, lay_fill
from .layer_marks import PAINT_MESH
from .layer_masks import follow_cut
from .layer_names import name_layers
from .layer_object import (
    add_sheet,
    fill_sheet,
    is_reshaped,
    kept_layer,
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
    deleted_layers,
    keep_cut,
    keep_made,
    kept_cut,
    kept_images,
    layer_mark,
    layer_name,
    layer_objects,
    made_layers,
    units_of,
)
from .notes import Note, add_notes
from .painting import give_paint_mesh, take_paint_mesh
from .split_source import Plate, read_plate

# Pixels along the longer side of a draft.
_DRAFT = 320
_DRAFT_OF = "draft of "
# How marks began before layers had settings of their own, and before one was cut without others.
_FORMER = "LayerSettings(", "Cut("


def layers_cut(rig: bpy.types.Object) -> Cut:
    """How the layers of a rig are cut; lengths in meters."""
    return kept_cut(rig)


def change_layers(
    rig: bpy.types.Object,
    cut: Cut,
    plate: Plate | None = None,
    draft: bool = False,
    painted: Mapping[int, tuple[np.ndarray, Intrinsics]] | None = None,
    whole: bool = True,
) -> list[Layer]:
    """Cut the layers of a rig differently, changing objects, materials and images in place.

    Missing layers are added, but for those that somebody has deleted; superfluous ones are removed
    along with their materials, or hidden and no longer layers if somebody shaped them or projected
    onto them. Clean plates stay as they are, and what was painted on the cut itself goes to them
    first; where paint went is told by `layers_note`. What was invented for a layer before is put
    where the new cut does not show it, except in a draft.

    Args:
        rig: Empty that holds the layers.
        cut: The new cut.
        plate: Result of `read_plate`, for repeated cuts; None to read it.
        draft: Whether to use fewer pixels and not pack the images, while a slider is dragged.
        painted: Of `painted_masks`, likewise.
        whole: Whether to cut all layers together, so that they make up the picture as exactly as
            they can; False to leave alone those that the cut says the same of as before.

    Returns:
        The layers that were made, from near to far.

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
    deleted = set(deleted_layers(rig, cut))
    new = {each.id for each in (*cut.layers, cut.sky)} - deleted - _numbers(rig)
    follow_cut(rig, cut, new)
    painted = {**painted, **kept_masks(rig, cut, new)}
    shown = plate.thinned(_DRAFT, cut.has_planes) if draft else plate
    there: dict[int, list[bpy.types.Object]] = {}  # somebody may have duplicated one
    for obj in layer_objects(rig):
        there.setdefault(obj[NUMBER], []).append(obj)
    marks = {each.id: layer_mark(rig, cut, each.id, whole) for each in (*cut.layers, cut.sky)}
    same = {} if whole else _same(there, marks)
    kept = {}
    if not draft:
        found = {number: kept_layer(obj) for number, obj in same.items()}
        kept = {number: layer for number, layer in found.items() if layer is not None}
    layers = cut_layers(rig, cut, shown, painted, kept)
    apart = deleted | (same.keys() if draft else set())
    layers = [layer for layer in layers if layer.id not in apart]
    picture, units = kept_images(rig)["Picture"], units_of(rig)
    added = []
    with transaction() as track:
        for layer in layers:
            objects = there.get(layer.id, [])
            if not objects:
                settings = cut.layer(layer.id)
                name = settings.name or layer_name(rig, layer.id, cut)
                obj = add_sheet(rig, name, picture, layer, track)
                obj.hide_viewport = obj.hide_render = settings.hidden
                added.append(obj)
                objects = [obj]
                for collection in rig.users_collection:
                    collection.objects.link(obj)
            if not draft:
                lay_fill(objects[0], cut.layer(layer.id).fill, layer)
            mark = f"{_DRAFT_OF}{marks[layer.id]}" if draft else marks[layer.id]
            for obj in objects:
                fill_sheet(obj, layer, picture, units, track)
                mark_sheet(obj, mark, beside=bool(kept))
                if draft:
                    note_spent(obj)
                else:
                    pack_sheet(obj)
                if PAINT_MESH in mesh_of(obj).keys():
                    (give_paint_mesh if obj.mode == "TEXTURE_PAINT" else take_paint_mesh)(obj)
        for obj in added:
            adopt_clean_plate(rig, obj, cut)
    stay = same.keys() | {layer.id for layer in layers}
    told += _take_away([each for key, some in there.items() if key not in stay for each in some])
    keep_cut(rig, cut, whole)
    keep_made(rig, _numbers(rig) | deleted)
    name_layers(rig, cut)
    add_notes(rig, told)
    return layers


def _numbers(rig: bpy.types.Object) -> set[int]:
    """Ids of the layers of a rig that have objects."""
    return {obj[NUMBER] for obj in layer_objects(rig)}


def _same(
    there: Mapping[int, Sequence[bpy.types.Object]], marks: Mapping[int, str]
) -> dict[int, bpy.types.Object]:
    """Of layers that there are, those that show in full what they should."""
    return {
        number: objects[0]
        for number, objects in there.items()
        if all(sheet_mark(obj) == marks.get(number) for obj in objects)
    }


def _take_away(objects: Sequence[bpy.types.Object]) -> list[Note]:
    """Remove objects that are no longer layers, but nobody's work; notes about where that is."""
    own = [obj for obj in objects if projections_of(obj) or is_reshaped(obj)]
    for obj in own:
        del obj[NUMBER]
        obj.hide_viewport = obj.hide_render = True
    text = "{name} was edited, so it is hidden instead of being removed."
    told = [Note(text, {"name": obj.name}) for obj in own]
    return told + remove_sheets([obj for obj in objects if obj not in own])


def restore_layers(rig: bpy.types.Object) -> list[bpy.types.Object]:
    """Make the layers of a rig again that somebody has deleted; others are not touched.

    Returns:
        Their objects.

    Raises:
        LayersError: An image is gone.
        LinkedError: They are linked from another file.
    """
    deleted = deleted_layers(rig)
    with all_made_again(rig):
        change_layers(rig, kept_cut(rig), whole=False)
    return [obj for obj in layer_objects(rig) if obj[NUMBER] in deleted]


@contextmanager
def all_made_again(rig: bpy.types.Object) -> Iterator[None]:
    """Have a cut in a block make deleted layers again; if that fails, they stay deleted."""
    made = made_layers(rig)
    keep_made(rig, ())
    try:
        yield
    except BaseException:
        keep_made(rig, made)
        raise


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
    keep_cut(rig, cut, whole=False)
    mark_sheet(obj, layer_mark(rig, cut, layer.id))
    pack_picture(obj)
    add_notes(rig, told)


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
