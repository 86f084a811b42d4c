"""Clean plate: what is painted over a layer, on an image of its own that no cut touches."""

from collections.abc import Iterable

import bpy

from ...geometry import Intrinsics
from ...geometry.layers import Cut, same_place
from ...geometry.layers.frame import add_borders, borders_to, with_borders
from ..linked import check_local, is_foreign
from ..live import find_modifier
from ..modifier import get_input, set_input
from ..picture import has_pixels, image_size, image_values, replace_rgba
from ..stored_intrinsics import read_intrinsics
from ..transaction import Track, transaction
from .clean_files import (
    CleanPlateError,
    Existing,
    be_files_again,
    clean_plates,
    file_in_the_way,
    has_paint,
    keep_frame,
    new_plate_image,
    plate_frame,
    stored_frame,
)
from .layer_marks import CLEAN, COLOR, FRAME, PLATES
from .layer_root import NUMBER, is_layers, kept_cut, kept_images, ranges_of
from .material import CLEAN as NODE
from .material import picture_frame, place_picture, show_over, texture_over
from .notes import Note, keep_notes, notes_of

# Custom property of a rig: where layers with clean plates began and ended that a cut took away, by
# their numbers.
_FORMER = "sharpdepth_layers_former"
_KEPT = "The paint of {layer}, which is gone, is kept in the image {image}: {path}"


def is_layer(obj: bpy.types.Object | None) -> bool:
    """Whether an object is a layer of a picture."""
    return obj is not None and NUMBER in obj.keys() and COLOR in obj.keys()


def clean_plate(obj: bpy.types.Object) -> bpy.types.Image | None:
    """The clean plate of a layer, None where it has none."""
    if (plate := obj.get(CLEAN)) or obj.override_library is None:
        return plate
    # Files keep no property that is added to a library override, but a material of its own.
    shown = (texture_over(each, NODE) for each in layer_materials(obj) if not each.library)
    return next((texture.image for texture in shown if texture is not None), None)


def new_clean_plate(
    obj: bpy.types.Object, folder: str = "", existing: Existing = "BESIDE"
) -> bpy.types.Image:
    """Give a layer a clean plate on which nothing is painted; one that there is stays.

    Args:
        obj: Layer.
        folder: Of the .blend that it is for; empty for the open one's, where that has one.
        existing: What to do with a file of its name: `BESIDE` writes another one, `USE` shows what
            is in it, `OVERWRITE` writes over it, `REFUSE` raises an error.

    Returns:
        The clean plate: a float image that the layer's material shows over the cut.

    Raises:
        ChangedOutside: There is such a file, and that is to be refused.
        CleanPlateError: It is no layer, its picture is gone, or its material is not ours any more;
            or the file to be used has other proportions.
        LinkedError: It is linked from another file. A library override gets materials of its own.
    """
    if not is_layer(obj):
        raise CleanPlateError("{obj} is no layer of a picture.", obj=obj.name)
    if plate := clean_plate(obj):
        return plate
    is_override = obj.override_library is not None
    check_local(obj)
    for block in () if is_override else (obj.data or obj, *layer_materials(obj)):
        check_local(block)
    frame, picture = layer_frame(obj), source_picture(obj)
    with transaction() as track:
        if is_override:
            _own_materials(obj, track)
        plate = track(new_plate_image(obj.name, frame, picture, folder, existing))
        give_clean_plate(obj, plate)
    return plate


def plate_in_the_way(obj: bpy.types.Object, folder: str = "") -> str:
    """The file that is there where a layer's new clean plate would have its own, or nothing.

    Args:
        obj: Layer.
        folder: Of the .blend; empty for the open one's.
    """
    return "" if clean_plate(obj) else file_in_the_way(obj.name, source_picture(obj), folder)


def give_clean_plate(obj: bpy.types.Object, plate: bpy.types.Image) -> None:
    """Have a layer show an image that is a clean plate over its cut.

    Raises:
        CleanPlateError: None of its materials has our nodes any more.
    """
    frame = plate_frame(plate)
    own = [each for each in layer_materials(obj) if not each.library]
    if not any([show_over(each, NODE, plate, frame) for each in own]):
        raise CleanPlateError(
            "The material of {obj} does not show the layer any more, so it cannot show paint.",
            obj=obj.name,
        )
    if obj.override_library is None:
        obj[CLEAN] = plate
        if is_layers(obj.parent) and not is_foreign(obj.parent):
            _keep_plates(obj.parent, _plates_of(obj.parent) | {str(obj[NUMBER]): plate})


def replace_clean_plate(obj: bpy.types.Object, plate: bpy.types.Image) -> None:
    """Have a layer show another clean plate in place of its own, as do Image Editors.

    Raises:
        CleanPlateError: As of `give_clean_plate`, where it has none.
    """
    former = clean_plate(obj)
    if former is None:
        give_clean_plate(obj, plate)
    elif former != plate:  # a duplicate of the object has it by now
        former.user_remap(plate)
        place_clean_plates([plate])


def grow_clean_plate(obj: bpy.types.Object) -> None:
    """Have a layer's clean plate reach as far as its cut does; no pixel is resampled or lost.

    Raises:
        CleanPlateError: It has none, or that is gone.
        LinkedError: It is linked from another file.
    """
    plate = clean_plate(obj)
    if plate is None or not has_pixels(plate):
        raise CleanPlateError("The clean plate of {obj} is gone.", obj=obj.name)
    check_local(plate)
    frame = plate_frame(plate)
    borders = borders_to(frame, layer_frame(obj))
    if not any(borders):
        return
    values, grown = add_borders(image_values(plate), borders), with_borders(frame, borders)
    plate.scale(grown.width, grown.height)
    replace_rgba(plate, values)
    keep_frame(plate, grown)
    place_clean_plates([plate])


def place_clean_plates(plates: Iterable[bpy.types.Image]) -> None:
    """Have materials show clean plates where their frames are now."""
    frames = {plate: plate_frame(plate) for plate in plates}
    for material in bpy.data.materials:
        texture = None if material.library else texture_over(material, NODE)
        if texture is not None and texture.image in frames:
            show_over(material, NODE, texture.image, frames[texture.image])


def place_overridden() -> None:
    """Have materials that library overrides have of their own follow cuts in the linked file."""
    for obj in bpy.data.objects:
        if is_layer(obj) and obj.override_library is not None:
            for material in layer_materials(obj):
                if not material.library:
                    place_picture(material, layer_frame(obj))


def follow_undo() -> None:
    """Undo takes back a clean plate's file and frame, and leaves pixels, which grew with that."""
    be_files_again()
    there = [each for each in clean_plates() if has_pixels(each)]
    for plate in there:
        if (frame := plate_frame(plate)) != stored_frame(plate):
            keep_frame(plate, frame)
    place_clean_plates(there)


def part_clean_plate(obj: bpy.types.Object) -> Note | None:
    """Part a layer that is about to be removed from its clean plate, which stays if it has paint.

    Returns:
        A note about where the paint is, None where there is none.
    """
    plate, rig, number = clean_plate(obj), obj.parent, str(obj[NUMBER])
    if plate is None:
        return None
    if not has_paint(plate):
        del obj[CLEAN]
        if rig is not None:
            _keep_plates(rig, {key: each for key, each in _plates_of(rig).items() if each != plate})
        return None
    plate.use_fake_user = True
    if rig is not None:
        _keep_plates(rig, _plates_of(rig) | {number: plate})
        start, end = ranges_of(kept_cut(rig)).get(obj[NUMBER], (0.0, 0.0))
        former = dict(rig.get(_FORMER, {}))
        rig[_FORMER] = former | {number: {"start": start, "end": end}}
    return Note(_KEPT, {"layer": obj.name, "image": plate})


def kept_plate(rig: bpy.types.Object, number: int, cut: Cut) -> bpy.types.Image | None:
    """The clean plate of a former layer that a new one is to have, None where there is none.

    That is the one of its number, as of a layer that somebody deleted; or else of the layers that
    a cut took away the one that has the most depth in common with it, if that is half of both
    together.

    Args:
        rig: Empty that holds the layers.
        number: Of the new layer.
        cut: Of which it is one.
    """
    plates = _plates_of(rig)
    key = _former_key(rig, number, cut)
    plate = plates.get(str(number) if key is None else key)
    return plate if plate is not None and all(image_size(plate)) else None


def adopt_clean_plate(rig: bpy.types.Object, obj: bpy.types.Object, cut: Cut) -> None:
    """Give a new layer its `kept_plate`.

    Args:
        rig: Empty that holds the layers.
        obj: The new layer.
        cut: Of which it is one.
    """
    key, plate = _former_key(rig, obj[NUMBER], cut), kept_plate(rig, obj[NUMBER], cut)
    if plate is None:
        return
    former = dict(rig.get(_FORMER, {}))
    if key is not None:
        del former[key]
        rig[_FORMER] = former
        keep_notes(rig, [note for note in notes_of(rig) if note.values.get("image") != plate])
        _keep_plates(rig, {name: each for name, each in _plates_of(rig).items() if name != key})
    give_clean_plate(obj, plate)
    plate.use_fake_user = False


def _former_key(rig: bpy.types.Object, number: int, cut: Cut) -> str | None:
    """Which layer that a cut took away a new one is, by the name of its clean plate on the rig."""
    plates, former = _plates_of(rig), rig.get(_FORMER, {})
    if str(number) in plates:
        return str(number) if str(number) in former else None
    ranges = {
        key: (each["start"], each["end"])
        for key, each in former.items()
        if key in plates and each["end"] > 0
    }
    place = ranges_of(cut).get(number)
    return same_place(ranges, place) if place is not None else None


def _plates_of(rig: bpy.types.Object) -> dict[str, bpy.types.Image]:
    """The clean plates of a rig's layers, and of those that are gone, by their numbers."""
    return {key: each for key, each in rig.get(PLATES, {}).items() if each is not None}


def _keep_plates(rig: bpy.types.Object, plates: dict[str, bpy.types.Image]) -> None:
    """Store what `_plates_of` gives, so that no clean plate goes with its layer's object."""
    rig[PLATES] = plates


def layer_frame(obj: bpy.types.Object) -> Intrinsics:
    """The intrinsics of the picture that the cut gave a layer.

    Raises:
        CleanPlateError: Nothing tells them any more.
    """
    if FRAME in obj.keys():
        return read_intrinsics(obj[FRAME])
    frames = (picture_frame(material) for material in layer_materials(obj))
    frame = next((each for each in frames if each), None)
    if frame is None:
        raise CleanPlateError("The picture of {obj} is gone.", obj=obj.name)
    return frame


def layer_materials(obj: bpy.types.Object) -> list[bpy.types.Material]:
    """The materials in which a layer may be shown, each once."""
    modifier = find_modifier(obj)
    found = [slot.material for slot in obj.material_slots] + list(obj.data.materials)
    if modifier:
        found.append(get_input(modifier, "Material"))
    return [each for each in dict.fromkeys(found) if each is not None]


def _own_materials(obj: bpy.types.Object, track: Track) -> None:
    """Give a library override copies of its linked materials, to which no nodes can be added."""
    linked = [each for each in layer_materials(obj) if each.library]
    copies = {each: track(each.copy()) for each in linked}  # type: ignore[type-var]  # never None
    for slot in obj.material_slots:
        if slot.material in copies:
            material = copies[slot.material]
            slot.link = "OBJECT"
            slot.material = material
    modifier = find_modifier(obj)
    if modifier and (shown := get_input(modifier, "Material")) in copies:
        set_input(modifier, "Material", copies[shown])


def source_picture(obj: bpy.types.Object) -> bpy.types.Image:
    """The picture that was cut, or else what the cut made of it."""
    kept = kept_images(obj.parent, gone=True) if obj.parent else {}
    return kept.get("Picture") or obj[COLOR]
