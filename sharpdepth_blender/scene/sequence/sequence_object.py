"""Follow: one live object that shows a sequence's depth, picture and camera at each frame."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bpy
from mathutils import Matrix

from ...geometry import Intrinsics
from ..camera import camera_data, camera_for, show_behind
from ..current_frame import CAMERA_ACTION
from ..live import LENS, add_modifier
from ..material import picture_material
from ..modifier import input_property, set_input
from ..own_paths import make_relative
from ..plate_collection import PLATE, link_to_plate
from ..result import UPRIGHT, mark_result, result_name
from ..result_marks import COPY
from ..taken import CAMERA
from ..transaction import transaction
from ..units import meters_per_unit
from .errors import SequenceError
from .sequence_folder import SequenceFolder


def add_depth_sequence(
    scene: bpy.types.Scene,
    folder: str | os.PathLike[str],
    *,
    name: str,
    output: str = "Mesh",
    resolution: int | None = None,
) -> bpy.types.Object:
    """Add one live object that shows the frames of a finished sequence.

    At each frame it reads that frame's files, and has the intrinsics and the place of the camera
    that saw it: as keyframes of its own, so that it stays where it was seen when the shot's camera
    is moved, retimed or deleted. Beyond the ends it shows the first or last frame. Where nobody
    knows the camera, one is made as for `add_depth_result`.

    Args:
        scene: To add to.
        folder: Of the sequence, with its `shot.json`.
        name: Name of the plate; the object and its datablocks are named as by `add_depth_result`.
        output: "Mesh" or "Points".
        resolution: Samples along the longer side; None for the modifier's own default.

    Returns:
        The new object. When something fails, what was made is removed again.

    Raises:
        SequenceError: The sequence is not finished.
    """
    store = SequenceFolder(folder)
    shot = store.read_json("shot.json")
    if shot is None:
        raise SequenceError("The sequence in {folder} is not finished.", folder=folder)
    frames = shot["frames"]
    first, last = frames[0]["frame"], frames[-1]["frame"]
    store.offset = shot.get("file_offset", 0)
    files = first + store.offset
    units_per_meter = 1 / meters_per_unit(scene)
    with transaction() as track:
        images = {}
        for kind, title in (("depth", "depth"), ("metric", "metric depth"), ("picture", "picture")):
            images[kind] = track(_open(store.path(kind, first), f"{name} {title}", kind))
        aspect = shot["pixel_aspect"]
        images["picture"][COPY] = True
        images["picture"].display_aspect = (max(1.0, 1 / aspect), max(1.0, aspect))
        material = track(picture_material(name, images["picture"]))
        for node in material.node_tree.nodes:
            if node.type == "TEX_IMAGE":
                show_frames(node.image_user, first, last, files)
        mesh = track(bpy.data.meshes.new(result_name(name, output)))
        mesh.materials.append(material)
        obj = track(bpy.data.objects.new(mesh.name, mesh))
        obj[PLATE] = name
        mark_result(obj, images["depth"], images["metric"])
        modifier = add_modifier(obj, follows_frame=True)
        inputs = {
            "Output": output,
            "Material": material,
            "Depth": images["depth"],
            "Metric Depth": images["metric"],
            "Picture": images["picture"],
            "Units per Meter": units_per_meter,
            "First Frame": first,
            "Last Frame": last,
            "First File": files,
        }
        if resolution is not None:
            inputs["Resolution"] = resolution
        for key, value in inputs.items():
            set_input(modifier, key, value)
        # What is held stays where it was seen, while other frames' keys would move it on.
        held = {each["frame"]: each["shows"] for each in shot.get("held", [])}
        by_number = {each["frame"]: each for each in frames}
        frames = [
            {**by_number[held.get(number, number)], "frame": number}
            for number in sorted({*by_number, *held})
        ]
        _follow_lens(modifier, frames)
        if frames[0]["matrix"] is None:
            lens = Intrinsics(**frames[0]["intrinsics"])
            camera = track(camera_for(scene, lens, f"{name} camera"))
            data = track(camera_data(camera))
            show_behind(camera, images["picture"])
            show_frames(data.background_images[0].image_user, first, last, files)
            camera.matrix_world = UPRIGHT
            link_to_plate(scene, name, [obj, camera], None, track)
            scene.camera = scene.camera or camera
            obj[CAMERA] = camera
            obj.matrix_world = UPRIGHT
        else:
            link_to_plate(scene, name, [obj], None, track)
            _follow_camera(obj, frames, units_per_meter)
        if obj.animation_data and obj.animation_data.action:
            action = track(obj.animation_data.action)
            action.name = f"{name} camera"
            action[CAMERA_ACTION] = True
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)
    return obj


def show_frames(image_user: bpy.types.ImageUser, first: int, last: int, files: int) -> None:
    """Have an image user show a file for each frame of the scene, from this number on."""
    image_user.use_auto_refresh = True
    image_user.use_cyclic = False
    image_user.frame_start = first
    image_user.frame_offset = files - 1
    image_user.frame_duration = last - first + 1


def _open(path: Path, name: str, kind: str) -> bpy.types.Image:
    try:
        image = bpy.data.images.load(str(path))
    except RuntimeError as error:
        raise SequenceError("The file {path} does not exist.", path=path) from error
    image.name = name
    image.source = "SEQUENCE"
    if kind != "picture":
        image.colorspace_settings.is_data = True
    make_relative(image)
    return image


def _follow_lens(modifier: bpy.types.NodesModifier, frames: Sequence[dict[str, Any]]) -> None:
    """Set the intrinsics, with keyframes where they change."""
    for title, field in LENS.items():
        values = [frame["intrinsics"][field] for frame in frames]
        set_input(modifier, title, values[0])
        if len(set(values)) > 1:
            data, prop = input_property(modifier, title)
            for frame, value in zip(frames, values, strict=True):
                set_input(modifier, title, value)
                data.keyframe_insert(prop, frame=frame["frame"])


def _follow_camera(
    obj: bpy.types.Object, frames: Sequence[dict[str, Any]], units_per_meter: float
) -> None:
    """Set the object's place, with keyframes where it changes."""
    matrices = [frame["matrix"] for frame in frames]
    obj.rotation_mode = "QUATERNION"
    before = None
    moves = any(each != matrices[0] for each in matrices)
    for frame, values in zip(frames, matrices, strict=True):
        place, turn, _ = Matrix(values).decompose()
        if before is not None:
            turn.make_compatible(before)  # the other sign would turn the long way round between
        before = turn
        obj.location, obj.rotation_quaternion = place * units_per_meter, turn
        if moves:
            for prop in ("location", "rotation_quaternion"):
                obj.keyframe_insert(prop, frame=frame["frame"])
