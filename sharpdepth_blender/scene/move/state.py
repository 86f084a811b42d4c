"""State: what the report of a check depends on, as checksums that any frame of the scene has."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import astuple

import bpy
import numpy as np

from ..layers import NUMBER, SHARE, clean_plate, is_layers, layer_objects, layers_cut
from ..layers.clean_files import file_stamp
from ..layers.layer_root import plate_token
from ..picture import has_pixels, image_values
from ..projection import (
    camera_of,
    is_projection,
    projection_intrinsics,
    projection_nodes,
    projections_of,
)
from ..result import MADE, is_result

_Animated = bpy.types.Object | bpy.types.Camera

# Names of a state's parts, as a sentence tells them.
CAMERA, FRAMES, SIZE = "camera", "frame range", "render size"
LAYERS, RESULTS, PLATES = "layers", "depth meshes", "clean plates"
PROJECTIONS = "projections"
_PLACE = ("location", "rotation_euler", "rotation_quaternion", "rotation_axis_angle", "scale",
          "delta_location", "delta_rotation_euler", "delta_scale")  # fmt: skip
_LENS = ("lens", "sensor_width", "sensor_height", "shift_x", "shift_y", "clip_start", "clip_end")
_RENDER = ("resolution_x", "resolution_y", "pixel_aspect_x", "pixel_aspect_y")
# Alpha of a clean plate from which on a pixel counts as painted.
_PAINTED = 0.5
_Told = int | tuple[str, int, int] | None  # the size of a packed file, or the stamp of another
# By session uid of a clean plate: the file that it showed when it was read last, and its checksum.
_painted: dict[int, tuple[_Told, int]] = {}


def move_state(scene: bpy.types.Scene) -> dict[str, str]:
    """Checksums of all that a check of a scene's camera move depends on, by the names of parts.

    Animation is taken as it is keyed, so that the current frame does not matter, and names do not
    either. It takes a few milliseconds, and longer after somebody painted.

    Args:
        scene: Its camera, markers, frames, results, projections, layers and clean plates count.
    """
    cameras = [(marker.frame, _seen(marker.camera)) for marker in scene.timeline_markers]
    rigs = [obj for obj in scene.objects if is_layers(obj)]
    results = [
        (obj.get(MADE), _pose(obj))
        for obj in scene.objects
        if is_result(obj) and not obj.hide_render
    ]
    told: dict[str, object] = {
        CAMERA: (_seen(scene.camera), cameras),
        FRAMES: (scene.frame_start, scene.frame_end),
        SIZE: [getattr(scene.render, name) for name in _RENDER],
        LAYERS: [_layers_of(rig) for rig in rigs],
        RESULTS: results,
        PROJECTIONS: list(_projected(scene)),
        PLATES: [
            (obj[NUMBER], paint)
            for rig in rigs
            for obj in layer_objects(rig)
            if (paint := _paint_of(obj))
        ],
    }
    return {name: f"{zlib.crc32(repr(value).encode()):08x}" for name, value in told.items()}


def _projected(scene: bpy.types.Scene) -> Iterator[object]:
    """What is projected from where onto what, but for what the shapes of meshes are."""
    if not any(is_projection(each) for each in bpy.data.node_groups):
        return  # most scenes have many meshes and no projection
    for obj in scene.objects:
        if obj.type != "MESH" or obj.hide_render:
            continue
        for projection in projections_of(obj):
            if not all(node.mute for node in projection_nodes(obj, projection)):
                camera = _pose(camera_of(projection))
                yield _pose(obj), camera, astuple(projection_intrinsics(projection))


def _layers_of(rig: bpy.types.Object) -> object:
    """A set of layers, but for what changes no place where anything is seen."""
    cut = layers_cut(rig)
    for each in (*cut.layers, cut.sky):
        cut = cut.with_layer(each.id, name=None, hidden=False, fill="SMOOTH")
    shown = [
        (obj[NUMBER], obj.get(SHARE), obj.hide_render, _pose(obj)) for obj in layer_objects(rig)
    ]
    return cut, plate_token(rig), _pose(rig), shown


def _paint_of(obj: bpy.types.Object) -> int:
    """A checksum of where a layer's clean plate is painted, 0 where nowhere."""
    plate = clean_plate(obj)
    if plate is None:
        return 0
    packed = plate.packed_file
    told = packed.size if packed else file_stamp(plate)
    known = _painted.get(plate.session_uid)
    if known is not None and known[0] == told and not plate.is_dirty:
        return known[1]
    if not has_pixels(plate):
        return 0
    where = image_values(plate)[..., 3] >= _PAINTED
    found = zlib.crc32(np.packbits(where).data) if where.any() else 0
    _painted[plate.session_uid] = told, found
    return found


def forget_paint() -> None:
    """Read all clean plates again, as files were read anew."""
    _painted.clear()


def _seen(camera: bpy.types.Object | None) -> object:
    """A camera's place and lens."""
    if camera is None:
        return None
    data = camera.data
    lens: list[object] = []
    if isinstance(data, bpy.types.Camera):
        lens = [data.type, data.sensor_fit, *_values(data, _LENS)]
    return lens, _keys(data), _pose(camera)


def _pose(obj: bpy.types.Object | None, seen: tuple[bpy.types.Object, ...] = ()) -> object:
    """All that an object's place follows from: itself, its parents and its constraints."""
    if obj is None or obj in seen:
        return None
    seen = (*seen, obj)
    inverse = np.array(obj.matrix_parent_inverse).tolist()
    return (
        obj.rotation_mode,
        _values(obj, _PLACE),
        _keys(obj),
        (obj.parent_type, obj.parent_bone, inverse, _pose(obj.parent, seen)),
        [_constraint(each, seen) for each in obj.constraints],
    )


def _constraint(constraint: bpy.types.Constraint, seen: tuple[bpy.types.Object, ...]) -> object:
    target = getattr(constraint, "target", None)
    path = constraint.path_from_id()
    owner: bpy.types.Object = constraint.id_data  # type: ignore[assignment]  # no bone's
    known = {curve.data_path for curve in _curves(owner)}
    influence = None if f"{path}.influence" in known else constraint.influence
    return (
        constraint.type,
        constraint.mute,
        influence,
        _pose(target, seen),
        None if target is None else _keys(target.data),
    )


def _values(block: _Animated, names: Sequence[str]) -> list[object]:
    """Properties of a datablock that no key or driver sets."""
    animation = block.animation_data
    curves = [*_curves(block), *(animation.drivers if animation else ())]
    moving = {(curve.data_path, curve.array_index) for curve in curves}
    found: list[object] = []
    for name in names:
        value = getattr(block, name)
        if isinstance(value, float):
            found.append(None if (name, 0) in moving else value)
        else:
            found.append([None if (name, i) in moving else v for i, v in enumerate(value)])
    return found


def _keys(block: bpy.types.ID | None) -> object:
    """The keys and drivers of a datablock."""
    animation: bpy.types.AnimData | None = getattr(block, "animation_data", None)
    if animation is None:
        return None
    strips = [
        (strip.frame_start, strip.frame_end, strip.action_frame_start, strip.scale, strip.mute,
         [_curve(curve) for curve in _curves_of(strip.action, None)])
        for track in animation.nla_tracks
        if not track.mute
        for strip in track.strips
    ]  # fmt: skip
    drivers = [(each.data_path, each.driver.expression) for each in animation.drivers]
    own = _curves_of(animation.action, animation.action_slot)
    return [_curve(each) for each in own], strips, drivers


def _curve(curve: bpy.types.FCurve) -> object:
    points = curve.keyframe_points
    values = np.empty((3, 2 * len(points)), np.float32)
    for row, name in zip(values, ("co", "handle_left", "handle_right"), strict=True):
        points.foreach_get(name, row)
    kinds = [each.interpolation for each in points]
    told = zlib.crc32(repr(kinds).encode(), zlib.crc32(values.data))
    modifiers = [(each.type, each.mute) for each in curve.modifiers]
    return curve.data_path, curve.array_index, curve.mute, curve.extrapolation, told, modifiers


def _curves(block: _Animated) -> list[bpy.types.FCurve]:
    """The curves of a datablock's own action."""
    animation = block.animation_data
    if animation is None or animation.action is None:
        return []
    return list(_curves_of(animation.action, animation.action_slot))


def _curves_of(
    action: bpy.types.Action | None, slot: bpy.types.ActionSlot | None
) -> Iterator[bpy.types.FCurve]:
    """The curves of an action, of one slot or of all."""
    for layer in action.layers if action else ():
        for strip in layer.strips:
            for bag in strip.channelbags:  # type: ignore[attr-defined]  # there is no other kind
                if slot is None or bag.slot_handle == slot.handle:
                    yield from bag.fcurves
