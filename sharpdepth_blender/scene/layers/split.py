"""Split: turning a live result into a set of layers."""

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import bpy
import numpy as np
from mathutils import Matrix

from ...geometry import valid_depth
from ...geometry.layers import SKY, Cut
from ...geometry.thresholds import propose_sky, propose_thresholds
from ..camera_at import camera_at
from ..current_frame import follows_frame
from ..linked import check_local, is_foreign
from ..live import LENS, find_modifier
from ..modifier import get_input
from ..perspective import check_perspective
from ..plate_collection import collection_of
from ..projection import projections_of
from ..result import plate_name
from ..taken import keep_place, lay_again
from ..transaction import transaction
from .change import all_made_again, change_layers
from .kept_paint import keep_paint
from .layer_object import is_reshaped
from .layer_root import (
    NUMBER,
    LayersError,
    keep_plate,
    keep_result,
    kept_cut,
    kept_images,
    kept_numbers,
    layer_objects,
    result_of,
    rigs_of,
)
from .notes import Note, add_notes, keep_notes
from .proposal import PROPOSED, keep_reasons, proposed_kinds, with_kinds
from .split_source import Plate, read_plate

_NUMBERS = (*LENS, "Units per Meter", "Sharpness", "Depth Scale", "Depth Offset")
# Of what a rig was split from: the modifier's Far in meters, which tells whether it was set since.
_FAR = "Far"
# Two depths are the same up to this ratio, as single precision has them.
_SAME = 1e-5
# Default camera move, as a share of the nearest layer's depth.
_MOVE = 0.1


def split_result(
    scene: bpy.types.Scene, result: bpy.types.Object, keep_both: bool = False, **wishes: object
) -> bpy.types.Object:
    """Split a live result into layers: children of an empty at the camera's place.

    They go to a collection of their own inside the plate's. The result stays, but is hidden in
    viewports and renders. If its modifier sets Far, everything beyond is the sky; everything nearer
    than its Near is left out.

    Layers that the result was split into before are cut anew in place, and keep all settings that
    `wishes` do not name, as well as their places, materials, projections and clean plates; what was
    painted on a cut goes to its clean plate. Those that somebody deleted are made again. They keep
    their thresholds as long as each of them still holds depth, and a sky that was set as long as
    the modifier's Far stays.
    If somebody shaped them, or if a layer with projections would go, they are left alone, and
    `layers_note` of the new empty says so.

    Args:
        scene: Scene of the result.
        result: Live result.
        keep_both: Whether to leave layers that there are, and add others.
        **wishes: Arguments of `propose_cut`; None for what the layers have already, or else its
            default. A count that they have is none of another cut. The kind `PROPOSED` gives each
            layer the shape that suits it; `kind_reason` tells why.

    Returns:
        The empty.

    Raises:
        PerspectiveError: It is of a panorama.
        LayersError: It is not a live result, or follows the frame; its picture or depth is gone;
            there is no depth; or an argument is outside its range.
        LinkedError: It is linked from another file.
    """
    modifier = find_modifier(result)
    if modifier is None:
        raise LayersError("{obj} is no live depth result.", obj=result.name)
    check_perspective(result)
    check_local(result)  # else it could not be hidden for good
    if follows_frame(modifier):
        raise LayersError(
            "{obj} follows the frame, and layers are made of one picture: generate a depth mesh of "
            "the frame that you want.",
            obj=result.name,
        )
    numbers, images = _plate_of(scene, result, modifier)
    near = get_input(modifier, "Near") / numbers["Units per Meter"]
    asked = {"near": near} | {key: value for key, value in wishes.items() if value is not None}
    is_proposed = asked.get("kind") == PROPOSED
    if is_proposed:
        del asked["kind"]
    with transaction() as track:
        name = f"{plate_name(result)} layers"
        rig = track(bpy.data.objects.new(name, None))
        rig.matrix_world = result.matrix_world
        rig.empty_display_type = "PLAIN_AXES"
        keep_plate(rig, numbers, images)
        keep_result(rig, result)
        plate = read_plate(rig)
        there = [] if keep_both else rigs_of(scene, result)
        try:
            again = [(each, _cut_again(each, numbers, images, plate, **asked)) for each in there]
            kept = (each for each in again if not _would_lose(each[0], plate, each[1]))
            before = next(kept, None)
            if before is not None:
                cut = before[1]
            else:
                limit = {"sky": numbers[_FAR]} if numbers[_FAR] > 0 else {}
                cut = propose_cut(plate, **(limit | asked))
        except ValueError as error:
            raise LayersError(
                "{obj} cannot be cut so: {why}", obj=result.name, why=error
            ) from error
        proposals = []
        if is_proposed:
            proposals = proposed_kinds(rig, plate, cut)
            cut = with_kinds(cut, proposals)
        if before is None:
            collection = track(bpy.data.collections.new(name))
            collection.objects.link(rig)
            if there:
                note = "{name} was edited, and stays beside this set."
                if is_foreign(there[0]):
                    note = "{name} is linked from another file, and stays beside this set."
                add_notes(rig, [Note(note, {"name": there[0].name})])
            home = collection_of(scene, [result]) or scene.collection
            home.children.link(collection)
            change_layers(rig, cut, plate)
            keep_place(rig, rig.matrix_world)
    if before is not None:
        bpy.data.objects.remove(rig)
        rig, _ = before
        _split_again(rig, result, numbers, images, cut, plate)
    if proposals:
        keep_reasons(rig, proposals)
    result.hide_render = True
    for layer in scene.view_layers:
        # One that excludes it needs nothing, and may still name it where it was not updated since.
        if result.name in layer.objects:
            with suppress(RuntimeError):
                result.hide_set(True, view_layer=layer)
    return rig


def _plate_of(
    scene: bpy.types.Scene, result: bpy.types.Object, modifier: bpy.types.NodesModifier
) -> tuple[dict[str, float], dict[str, bpy.types.Image]]:
    """What a result is split from, as `keep_plate` takes it."""
    units = get_input(modifier, "Units per Meter")
    numbers = {name: get_input(modifier, name) for name in _NUMBERS}
    numbers["Depth Offset"] /= units
    numbers[_FAR] = get_input(modifier, "Far") / units
    images = {name: get_input(modifier, name) for name in ("Depth", "Metric Depth", "Picture")}
    if None in images.values():
        raise LayersError("The picture or the depth of {rig} is gone.", rig=result.name)
    numbers["Width"], numbers["Height"] = images["Depth"].size
    numbers["Sight"] = _sight(scene, result.matrix_world) / units
    return numbers, images


def _cut_again(
    rig: bpy.types.Object,
    numbers: Mapping[str, float],
    images: Mapping[str, bpy.types.Image],
    plate: Plate,
    *,
    count: int | None = None,
    thresholds: Sequence[float] | None = None,
    sky: float | None = None,
    near: float = 0.0,
    edge: int | None = None,
    move: float | None = None,
    kind: str | None = None,
) -> Cut:
    """How a rig is cut anew: as is asked for, and else as it was, where that still parts the plate.

    Args:
        rig: Empty that holds the layers.
        numbers: Of the result as it is now, like the images and the plate.
        images: Likewise.
        plate: Likewise.
        count: As of `propose_cut`, like what follows; None for what the layers have.
        thresholds: Likewise.
        sky: Likewise.
        near: Likewise.
        edge: Likewise, of all layers.
        move: Likewise.
        kind: Likewise, of all layers but the sky.

    Raises:
        ValueError: As of `propose_cut`.
    """
    former, before = kept_cut(rig), kept_numbers(rig)
    is_asked = sky is not None
    if not is_asked:
        sky = _sky_again(former, before, numbers)
    if thresholds is None and count in (None, len(former.layers)):
        kept = tuple(_moved(each, before, numbers) for each in former.thresholds)
        is_same = _is_cut_from(rig, numbers, images)
        if not (sky and sky <= max(kept)) and (is_same or _parts(plate, (near, *kept), sky)):
            thresholds = kept
        count = len(former.layers)
    if not is_asked and sky and thresholds and sky <= max(thresholds):
        sky = None
    cut = propose_cut(
        plate,
        count=count or len(former.layers),
        thresholds=thresholds,
        sky=sky,
        near=near,
        move=former.move if move is None else move,
    )
    again = former.with_thresholds(cut.thresholds, cut.sky_depth)
    again = replace(again, near=cut.near, move=cut.move)
    for each in (*again.layers, again.sky):
        if edge is not None:
            again = again.with_layer(each.id, edge=edge)
        if kind is not None and each.id != SKY:
            again = again.with_layer(each.id, kind=kind)
    return again


def _is_cut_from(
    rig: bpy.types.Object, numbers: Mapping[str, float], images: Mapping[str, bpy.types.Image]
) -> bool:
    """Whether a rig's layers were cut from just this depth and picture."""
    before = kept_numbers(rig)
    same = all(math.isclose(before[name], numbers[name], rel_tol=_SAME) for name in _NUMBERS)
    return same and kept_images(rig, gone=True) == images


def newer_result(scene: bpy.types.Scene, rig: bpy.types.Object) -> bpy.types.Object | None:
    """The live result of which a rig's layers do not show the depth and picture that it has now.

    It is quick enough for a panel.

    Args:
        scene: Where the result is.
        rig: Empty that holds the layers.

    Returns:
        None where the layers show what it has, and where it is gone or live no more.
    """
    result = result_of(scene, rig)
    modifier = find_modifier(result) if result is not None else None
    if result is None or modifier is None or follows_frame(modifier):
        return None
    try:
        numbers, images = _plate_of(scene, result, modifier)
    except LayersError:
        return None  # its own panel tells
    near = get_input(modifier, "Near") / numbers["Units per Meter"]
    limits = [(near, kept_cut(rig).near), (numbers[_FAR], kept_numbers(rig).get(_FAR))]
    same = _is_cut_from(rig, numbers, images) and all(
        kept is None or math.isclose(now, kept, rel_tol=_SAME) for now, kept in limits
    )
    return None if same else result


def _sky_again(
    former: Cut, before: Mapping[str, float], numbers: Mapping[str, float]
) -> float | None:
    """Where the sky begins now, by the modifier's Far if that was set since; None to propose it."""
    kept = _moved(former.sky_depth, before, numbers) if former.sky_depth else 0.0
    far = numbers[_FAR]
    if _FAR not in before:  # of a file of before it was kept
        return far or kept
    known = _moved(before[_FAR], before, numbers) if before[_FAR] else 0.0
    return kept if math.isclose(far, known, rel_tol=_SAME) else far or None


def _moved(meters: float, before: Mapping[str, float], numbers: Mapping[str, float]) -> float:
    """Where a depth has gone as the scale and the offset of all depth were set anew."""
    former, now = ((each["Depth Scale"], each["Depth Offset"]) for each in (before, numbers))
    if former == now or not former[0]:
        return meters
    return now[1] + (meters - former[1]) * now[0] / former[0]


def _parts(plate: Plate, starts: Sequence[float], sky: float | None) -> bool:
    """Whether each of the layers that start at these depths holds some."""
    ends = (*starts, sky or math.inf)
    if not all(one < other for one, other in zip(ends, ends[1:], strict=False)):
        return False
    depth = plate.depth[valid_depth(plate.depth)]
    return all(
        ((depth >= one) & (depth < other)).any() for one, other in zip(ends, ends[1:], strict=False)
    )


def _split_again(
    rig: bpy.types.Object,
    result: bpy.types.Object,
    numbers: Mapping[str, float],
    images: Mapping[str, bpy.types.Image],
    cut: Cut,
    plate: Plate,
) -> None:
    """Cut the layers that there are from what the result is now."""
    told = keep_paint(rig)  # while the rig still tells what its layers were cut from
    keep_notes(rig, told)
    former = kept_numbers(rig), kept_images(rig, gone=True)
    keep_plate(rig, numbers, images)
    try:
        with all_made_again(rig):
            change_layers(rig, cut, plate)
    except BaseException:
        keep_plate(rig, *former)
        raise
    lay_again(rig, result.matrix_world)
    unused = [each for each in former[1].values() if each is not None and each.users == 0]
    bpy.data.batch_remove(dict.fromkeys(unused))


def _would_lose(rig: bpy.types.Object, plate: Plate, cut: Cut) -> bool:
    """Whether a rig may not be cut anew, or what was made of it would be lost by that."""
    if is_foreign(rig):
        return True
    valid = valid_depth(plate.depth)
    sky = not valid.all()
    if cut.sky_depth > 0:
        sky |= bool((plate.depth[valid] > cut.sky_depth).any())
    ids = {each.id for each in cut.layers}
    for obj in layer_objects(rig):
        stays = sky if obj[NUMBER] == SKY else obj[NUMBER] in ids
        if is_reshaped(obj) or (not stays and projections_of(obj)):
            return True
    return False


def propose_cut(
    plate: Plate,
    *,
    count: int = 4,
    thresholds: Sequence[float] | None = None,
    sky: float | None = None,
    near: float = 0.0,
    edge: int = 3,
    move: float | None = None,
    kind: str = "RELIEF",
) -> Cut:
    """Propose how to cut a plate into layers.

    Args:
        plate: Plate to cut.
        count: Layers besides the sky, 2 to 8; ignored if thresholds are given.
        thresholds: Ascending meters between layers; None to propose them.
        sky: Meters beyond which everything is sky; 0 if only holes of the depth are, None to
            propose it.
        near: Everything nearer than this is left out, in meters.
        edge: Pixels over which edges fade.
        move: Meters that the camera may move; None for a tenth of the nearest layer's depth.
        kind: Shape of the layers, one of `geometry.layers.KINDS`.

    Returns:
        The cut.

    Raises:
        ValueError: A value is outside its range, or there is no depth.
    """
    counts = valid_depth(plate.depth) & (plate.depth >= near)
    if sky is None:
        sky = propose_sky(plate.depth)
        if thresholds and sky <= max(thresholds):
            sky = 0.0
    if sky > 0:
        counts &= plate.depth <= sky
    if thresholds is None:
        thresholds = propose_thresholds(np.where(counts, plate.depth, 0), count)
    if move is None:
        nearest = plate.depth[counts & (plate.depth < min(thresholds))]
        middle = np.median(nearest if nearest.size else min(thresholds))
        move = float(f"{_MOVE * middle:.1g}")
    return Cut.at(thresholds, sky=sky, near=near, move=move, kind=kind, edge=edge)


def _sight(scene: bpy.types.Scene, matrix: Matrix) -> float:
    """How far the scene's camera sees, in the units of an object with this world matrix."""
    camera = camera_at(scene)
    if camera is None or camera.type != "CAMERA":
        return math.inf
    scale = matrix.to_scale()
    return camera.data.clip_end / max(abs(scale.x), abs(scale.y), abs(scale.z), 1e-9)
