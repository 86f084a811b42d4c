"""Follow: one live object that shows a sequence's depth, picture and camera at each frame."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
from mathutils import Matrix

from ...geometry import Intrinsics
from ..camera import camera_data, camera_for, set_lens, show_behind
from ..current_frame import CAMERA_ACTION
from ..linked import is_foreign, is_linked
from ..live import LENS, add_modifier, find_modifier, takes_moving_normals
from ..material import picture_material
from ..modifier import get_input, has_input, input_property, set_input
from ..own_paths import make_relative
from ..picture import is_changed
from ..plate_collection import PLATE, link_to_plate
from ..result import MADE, UPRIGHT, mark_result, result_name, set_normals
from ..result_marks import COPY, DEPTH, METRIC_DEPTH
from ..sky import show_sky
from ..taken import CAMERA
from ..transaction import Track, transaction
from ..units import meters_per_unit
from .errors import SequenceError
from .sequence_folder import SequenceFolder

# Images of an object by the modifier's inputs: what they are called after the plate, and which
# files of the folder they show.
_TITLES = {
    "Depth": "depth", "Metric Depth": "metric depth", "Picture": "picture", "Normals": "normals",
}  # fmt: skip
_KINDS = {"Depth": "depth", "Metric Depth": "metric", "Picture": "picture", "Normals": "normals"}


def add_depth_sequence(
    scene: bpy.types.Scene,
    folder: str | os.PathLike[str],
    *,
    name: str,
    output: str = "Mesh",
    resolution: int | None = None,
    collection: bpy.types.Collection | None = None,
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
        collection: The plate's, where it has one already; None to make it.

    Returns:
        The new object. When something fails, what was made is removed again.

    Raises:
        SequenceError: The sequence is not finished.
    """
    shown = _Shown.of(folder)
    with transaction() as track:
        images = shown.open_images(name, track)
        material = track(picture_material(name, images["Picture"]))
        mesh = track(bpy.data.meshes.new(result_name(name, output)))
        mesh.materials.append(material)
        obj = track(bpy.data.objects.new(mesh.name, mesh))
        obj[PLATE] = name
        modifier = add_modifier(obj, follows_frame=True)
        inputs: dict[str, object] = {"Output": output, "Material": material}
        if resolution is not None:
            inputs["Resolution"] = resolution
        for key, value in inputs.items():
            set_input(modifier, key, value)
        objects = [obj]
        if not shown.has_camera:
            camera = track(camera_for(scene, shown.first_lens, f"{name} camera"))
            track(camera_data(camera))
            show_behind(camera, images["Picture"])
            camera.matrix_world = UPRIGHT
            scene.camera = scene.camera or camera
            obj[CAMERA] = camera
            obj.matrix_world = UPRIGHT
            objects.append(camera)
        link_to_plate(scene, name, objects, collection, track)
        shown.show(scene, obj, images, track)
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)
    return obj


def renew_depth_sequence(
    scene: bpy.types.Scene, obj: bpy.types.Object, folder: str | os.PathLike[str]
) -> None:
    """Have an object of a sequence show another finished one of the same shot, or the same anew.

    It keeps its name, collections, parent, material and the settings of its surface. A camera that
    was made for it stays where it is and gets the new lens; if it has been deleted, so it stays.

    Args:
        scene: Of the object.
        obj: For which `is_untouched_sequence` holds.
        folder: As for `add_depth_sequence`.

    Raises:
        SequenceError: The sequence is not finished.
    """
    shown = _Shown.of(folder)
    name = obj.get(PLATE, obj.name)
    modifier = find_modifier(obj)
    assert modifier is not None
    former = {key: get_input(modifier, key) for key in _TITLES if has_input(modifier, key)}
    with transaction() as track:
        images = shown.open_images(name, track)
    if former["Picture"] is not None:
        former["Picture"].user_remap(images["Picture"])  # in the material, and behind the camera
    _forget_camera(obj)
    shown.show(scene, obj, images, lambda block: block)
    obj[MADE] = time.time()
    camera = obj.get(CAMERA)
    if camera is not None and not shown.has_camera:
        set_lens(scene, camera_data(camera), shown.first_lens)
    unused = [*former.values(), *images.values()]
    bpy.data.batch_remove([each for each in unused if each and each.users == 0])
    for key in _TITLES:
        if has_input(modifier, key) and (image := get_input(modifier, key)):
            image.name = f"{name} {_TITLES[key]}"  # which was taken by the images just removed
    scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)


def is_untouched_sequence(obj: bpy.types.Object) -> bool:
    """Whether an object of a sequence is as it was made, but for what a new depth leaves alone."""
    modifier = find_modifier(obj)
    if modifier is None or is_foreign(obj) or is_linked(obj.data):
        return False
    if obj.mode != "OBJECT" or len(obj.data.vertices):
        return False
    if any(
        get_input(modifier, key) != obj.get(mark) or is_changed(obj[mark])
        for key, mark in (("Depth", DEPTH), ("Metric Depth", METRIC_DEPTH))
    ):
        return False
    action = obj.animation_data.action if obj.animation_data else None
    return action is None or (bool(action.get(CAMERA_ACTION)) and not _others(obj, action))


@dataclass(frozen=True)
class _Shown:
    """What an object shows of a finished sequence.

    Attributes:
        store: Its folder.
        first: First frame of the scene that has a picture.
        last: Last one.
        frames: A row of `shot.json` for each, in order.
        pixel_aspect: Height over width of a pixel.
        sky: Meters at which the sky begins in all frames; 0 without one.
        has_normals: Whether each frame has normals that the model told.
    """

    store: SequenceFolder
    first: int
    last: int
    frames: list[dict[str, Any]]
    pixel_aspect: float
    sky: float
    has_normals: bool

    @classmethod
    def of(cls, folder: str | os.PathLike[str]) -> "_Shown":
        store = SequenceFolder(folder)
        shot = store.read_json("shot.json")
        if shot is None:
            raise SequenceError("The sequence in {folder} is not finished.", folder=folder)
        store.offset = shot.get("file_offset", 0)
        frames = shot["frames"]
        first, last = frames[0]["frame"], frames[-1]["frame"]
        # What is held stays where it was seen, while other frames' keys would move it on.
        held = {each["frame"]: each["shows"] for each in shot.get("held", [])}
        by_number = {each["frame"]: each for each in frames}
        rows = [
            {**by_number[held.get(number, number)], "frame": number}
            for number in sorted({*by_number, *held})
        ]
        sky, has_normals = shot.get("sky", 0.0), shot.get("normals", False)
        return cls(store, first, last, rows, shot["pixel_aspect"], sky, has_normals)

    @property
    def has_camera(self) -> bool:
        """Whether somebody knows where the camera was."""
        return self.frames[0]["matrix"] is not None

    @property
    def first_lens(self) -> Intrinsics:
        """Intrinsics of the first frame."""
        return Intrinsics(**self.frames[0]["intrinsics"])

    @property
    def _files(self) -> int:
        """The number that the first frame's files have."""
        return self.first + self.store.offset

    def open_images(self, name: str, track: Track) -> dict[str, bpy.types.Image]:
        """Open its pictures and depth maps, by the modifier's inputs."""
        images = {
            key: track(_open(self.store.path(_KINDS[key], self.first), f"{name} {title}", key))
            for key, title in _TITLES.items()
            if key != "Normals" or self.has_normals
        }
        picture = images["Picture"]
        picture[COPY] = True
        picture.display_aspect = (max(1.0, 1 / self.pixel_aspect), max(1.0, self.pixel_aspect))
        return images

    def show(
        self,
        scene: bpy.types.Scene,
        obj: bpy.types.Object,
        images: dict[str, bpy.types.Image],
        track: Track,
    ) -> None:
        """Have an object with a live modifier, its material and its camera show the frames."""
        modifier = find_modifier(obj)
        assert modifier is not None
        mark_result(obj, images["Depth"], images["Metric Depth"])
        told = images.get("Normals")
        set_normals(obj, modifier, told if takes_moving_normals(modifier) else None)
        units_per_meter = 1 / meters_per_unit(scene)
        inputs = {key: image for key, image in images.items() if key != "Normals"} | {
            "Units per Meter": units_per_meter,
            "First Frame": self.first,
            "Last Frame": self.last,
            "First File": self._files,
        }
        for key, value in inputs.items():
            set_input(modifier, key, value)
        show_sky(obj, self.sky)
        material = get_input(modifier, "Material")
        users = [
            node.image_user
            for node in (material.node_tree.nodes if material and material.node_tree else ())
            if node.type == "TEX_IMAGE" and node.image == images["Picture"]
        ]
        if camera := obj.get(CAMERA):
            users += [
                each.image_user
                for each in camera_data(camera).background_images
                if each.image == images["Picture"]
            ]
        for user in users:
            show_frames(user, self.first, self.last, self._files)
        _follow_lens(modifier, self.frames)
        if self.has_camera:
            _follow_camera(obj, self.frames, units_per_meter)
        if obj.animation_data and obj.animation_data.action:
            action = track(obj.animation_data.action)
            action.name = f"{obj.get(PLATE, obj.name)} camera"
            action[CAMERA_ACTION] = True


def show_frames(image_user: bpy.types.ImageUser, first: int, last: int, files: int) -> None:
    """Have an image user show a file for each frame of the scene, from this number on."""
    image_user.use_auto_refresh = True
    image_user.use_cyclic = False
    image_user.frame_start = first
    image_user.frame_offset = files - 1
    image_user.frame_duration = last - first + 1


def _forget_camera(obj: bpy.types.Object) -> None:
    """Remove what animates the place and the lens of an object."""
    action = obj.animation_data.action if obj.animation_data else None
    if action is not None:
        obj.animation_data.action = None
        if action.users == 0:
            bpy.data.actions.remove(action)


def _others(obj: bpy.types.Object, action: bpy.types.Action) -> bool:
    """Whether an action animates more of an object than its place and its lens."""
    modifier = find_modifier(obj)
    assert modifier is not None
    ours = {"location", "rotation_quaternion"}
    for title in LENS:
        data, prop = input_property(modifier, title)
        path = data.path_from_id()
        ours.add(f"{path}{prop}" if prop.startswith("[") else f"{path}.{prop}")
    curves = (
        curve
        for layer in action.layers
        for strip in layer.strips
        for bag in strip.channelbags  # type: ignore[attr-defined]  # there is no other kind
        for curve in bag.fcurves
    )
    return any(curve.data_path not in ours for curve in curves)


def _open(path: Path, name: str, key: str) -> bpy.types.Image:
    try:
        image = bpy.data.images.load(str(path))
    except RuntimeError as error:
        raise SequenceError("The file {path} does not exist.", path=path) from error
    image.name = name
    image.source = "SEQUENCE"
    if key != "Picture":
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
