"""Edit: operations on one layer of a rig, which leave the objects and pixels of others alone."""

from collections.abc import Mapping
from typing import Literal

import bpy
import numpy as np

from ...geometry.layers import (
    SKY,
    Cut,
    merge_layers,
    move_layer,
    recipe,
    split_layer,
)
from ...geometry.thresholds import propose_split
from ..linked import check_local
from ..transaction import transaction
from .change import change_layers
from .clean_plate import is_layer
from .cut_plate import label_plate, painted_mask, painted_masks
from .kept_paint import keep_paint
from .layer_masks import mask_of, masks_kept, paint_mask, part_mask, set_mask
from .layer_names import name_layers
from .layer_root import (
    NUMBER,
    LayersError,
    deleted_layers,
    is_layers,
    keep_cut,
    kept_cut,
    layer_name,
    layer_objects,
    meant_layers,
)
from .notes import add_notes, note_of
from .parted_paint import joined_plate, parted_plates, show_plates
from .split_source import Plate, read_plate


def layer_place(obj: bpy.types.Object) -> tuple[bpy.types.Object, int]:
    """The rig of a layer's object, and the id of its settings.

    Raises:
        LayersError: It is no layer.
    """
    rig = obj.parent
    if not is_layer(obj) or not is_layers(rig):
        raise LayersError("{obj} is no layer.", obj=obj.name)
    ids = {SKY, *(each.id for each in kept_cut(rig).layers)}
    if obj[NUMBER] not in ids:
        raise LayersError("{obj} is no layer.", obj=obj.name)
    return rig, obj[NUMBER]


def chosen_layer(context: bpy.types.Context) -> bpy.types.Object | None:
    """The layer that the user means: the active one, else the first of the meant rig."""
    rig = meant_layers(context)
    if rig is None:
        return None
    layers = layer_objects(rig)
    active = context.view_layer.objects.active
    return active if active in layers else next(iter(layers), None)


def part_layer(
    obj: bpy.types.Object, at: float | Literal["VALLEY", "HALVES"] = "VALLEY"
) -> bpy.types.Object:
    """Split one layer in two. The nearer part keeps the object, the farther one gets a new one.

    Masks and paint are parted with the pixels.

    Args:
        obj: The layer.
        at: Depth in meters; `VALLEY` for where its things are parted best; `HALVES` for as many
            pixels on either side, which `VALLEY` falls back to.

    Returns:
        The object of the farther part.

    Raises:
        LayersError: It is no layer, or cannot be split there.
        LinkedError: It is linked from another file.
    """
    rig, number = layer_place(obj)
    cut = kept_cut(rig)
    plate = read_plate(rig)
    if not isinstance(at, int | float):
        index = next((i for i, each in enumerate(cut.layers) if each.id == number), None)
        if index is None:
            raise LayersError("The sky has no depth at which it could be split.")
        start, end = cut.ranges[index]
        own = np.where(label_plate(rig, plate) == index, plate.depth, 0)
        found = propose_split(own, start, end) if at == "VALLEY" else None
        within = own[(own > start) & (own < end)]  # masks claim others too
        if not within.size:
            raise LayersError("{obj} has no pixels that could be parted by depth.", obj=obj.name)
        at = found or float(np.median(within))
    try:
        parted = split_layer(cut, number, at)
    except ValueError as error:
        raise _refused(obj, error) from error
    add_notes(rig, keep_paint(rig))
    with masks_kept(rig), transaction() as track:
        part_mask(rig, cut, number, plate.depth, at)
        plates = parted_plates(rig, obj, parted, plate, track)
        _change_with_paint(rig, parted, plate, plates)
    return _object_of(rig, cut.next_id)


def merge_layer(obj: bpy.types.Object) -> None:
    """Join a layer with the one behind it in order, whose pixels it has from then on.

    Where masks have told which pixels belong to them, they still do: by a painted mask where no
    mask of the two tells just that by itself, of which `layers_note` tells then. Paint goes along
    with the pixels. The object of the other one goes; it is hidden if somebody shaped it or
    projected onto it. Its clean plate stays in the file.

    Raises:
        LayersError: It is no layer, or there is none behind it that meets it in depth, or that one
            was deleted.
        LinkedError: It is linked from another file.
    """
    rig, number = layer_place(obj)
    cut = kept_cut(rig)
    order = [each.id for each in cut.layers]
    behind = order[order.index(number) + 1 :][:1] if number in order else []
    if set(behind) & set(deleted_layers(rig)):
        raise LayersError(
            "The layer behind {obj} was deleted: bring it back to merge them.", obj=obj.name
        )
    try:
        merged = merge_layers(cut, number)
    except ValueError as error:
        raise _refused(obj, error) from error
    plate = read_plate(rig)
    add_notes(rig, keep_paint(rig))
    with masks_kept(rig), transaction() as track:
        plates = joined_plate(rig, obj, _object_of(rig, behind[0]), plate, track)
        is_painted_now = _join_masks(rig, merged, number, behind[0], plate)
        _change_with_paint(rig, merged, plate, plates)
    if is_painted_now:
        text = "{layer} has a painted mask now, of what it was made of."
        add_notes(rig, [note_of(text, obj)])


def _change_with_paint(
    rig: bpy.types.Object, cut: Cut, plate: Plate, plates: Mapping[int, bpy.types.Image]
) -> None:
    """Cut a rig's layers differently, some of which get new clean plates."""
    painted = painted_masks(rig) | {key: painted_mask(each) for key, each in plates.items()}
    change_layers(rig, cut, plate, painted=painted, whole=False)
    show_plates(rig, plates)


def _join_masks(rig: bpy.types.Object, merged: Cut, number: int, other: int, plate: Plate) -> bool:
    """Have a layer's mask be such that it gets all pixels that it and another one have.

    Returns:
        Whether a painted one took the place of others.
    """
    found = {mask for each in (number, other) if (mask := mask_of(rig, each))}
    if not found:
        return False
    order = [each.id for each in kept_cut(rig).layers]
    wanted = np.isin(label_plate(rig, plate), [order.index(number), order.index(other)])
    set_mask(rig, other, None)
    mine = [each.id for each in merged.layers].index(number)
    for mask in (*found, None):
        set_mask(rig, number, mask)
        by_itself = label_plate(rig, plate, merged) == mine
        if (by_itself == wanted).all():
            return False
    matte = np.where(wanted, np.float32(1), np.float32(0))
    matte[wanted == by_itself] = np.nan
    paint_mask(rig, number, matte, layer_name(rig, number))
    return any(mask.kind != "PAINTED" for mask in found)


def reorder_layer(obj: bpy.types.Object, step: int) -> None:
    """Move a layer so many places toward the back of the order, or toward the camera.

    Layers that somebody deleted are no places.

    Raises:
        LayersError: It is no layer, or there is no such place.
        LinkedError: It is linked from another file.
    """
    rig, number = layer_place(obj)
    cut, deleted = kept_cut(rig), deleted_layers(rig)
    order = [each.id for each in cut.layers]
    shown = [each for each in order if each not in deleted]
    if number in shown:
        to = shown.index(number) + step
        past = 0 <= to < len(shown)
        step = order.index(shown[to]) - order.index(number) if past else len(order)
    try:
        moved = move_layer(cut, number, step)
    except ValueError as error:
        raise _refused(obj, error) from error
    change_layers(rig, moved, whole=False)


def set_layer(obj: bpy.types.Object, **changes: object) -> None:
    """Change settings of one layer or of the sky; others stay as they are.

    Args:
        obj: The layer.
        **changes: Of `geometry.layers.LayerSettings`: name, kind, edge, choke, extension, fill,
            hidden.

    Raises:
        LayersError: It is no layer, or a value is outside its range.
        LinkedError: It is linked from another file.
    """
    rig, number = layer_place(obj)
    check_local(rig)
    check_local(obj)
    before = kept_cut(rig)
    try:
        cut = before.with_layer(number, **changes)
    except ValueError as error:
        raise _refused(obj, error) from error
    if recipe(cut, number) != recipe(before, number):
        change_layers(rig, cut, whole=False)
    else:
        keep_cut(rig, cut, whole=False)
    settings = cut.layer(number)
    if settings.name != before.layer(number).name:
        obj.name = settings.name or layer_name(rig, number)
        name_layers(rig, cut, before.layer(number).name)
    if settings.hidden != before.layer(number).hidden:
        obj.hide_viewport = obj.hide_render = settings.hidden


def _object_of(rig: bpy.types.Object, number: int) -> bpy.types.Object:
    return next(obj for obj in layer_objects(rig) if obj[NUMBER] == number)


def _refused(obj: bpy.types.Object, why: ValueError) -> LayersError:
    return LayersError("{obj} cannot be changed so: {why}", obj=obj.name, why=why)
