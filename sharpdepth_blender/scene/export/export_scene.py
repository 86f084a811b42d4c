"""Stage: a scene in meters with stand-ins of some objects, for Blender's own exporters.

These write what a scene holds under the names that it has there, and stumble over units other than
meters, sensor fits, and materials that Geometry Nodes set. A stand-in has the name of what it
stands for, its place in the world without parents and constraints, the geometry that its modifiers
make or a plain camera, and plain materials.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import bpy

from ...files import printable
from ..camera_at import camera_cuts
from ..errors import SceneError
from ..evaluation import depsgraph_of
from ..isolated_scene import isolated_scene
from ..plates.numbering import spans
from ..projection.slots import former_material
from ..temporary import temporary_folder
from ..units import meters_per_unit
from .layer_picture import layer_texture, shows_layer
from .motion import is_moving, move, pose_path
from .path import Pose, camera_path, frames_of
from .pictures import has_alpha, image_now, image_shown, write_texture
from .proxies import (
    camera_stand_in,
    geometry_stand_in,
    note_actions,
    plain_material,
    replace_material,
)


@dataclass(frozen=True)
class ExportScene:
    """What an exporter gets.

    Attributes:
        scene: Of the stand-ins, in meters.
        frames: Of the scene; the current one alone where nothing moves.
        shifts: Whether a camera has a lens shift.
        zooms: Whether the lens of one changes.
        cuts: Frames from which on another one of the cameras renders.
        unbaked: Names of objects whose projections are not there; they have their former materials.
    """

    scene: bpy.types.Scene
    frames: range
    shifts: bool
    zooms: bool
    cuts: tuple[int, ...]
    unbaked: tuple[str, ...]

    @property
    def moves(self) -> bool:
        """Whether anything differs from frame to frame."""
        return len(self.frames) > 1

    @property
    def lacks(self) -> list[str]:
        """Phrases about what no exporter gets."""
        names = ", ".join(self.unbaked)
        lost = [f"the projections onto {names}, which are to be baked first"] if names else []
        return [*lost, *self.lacks_cuts]

    @property
    def lacks_cuts(self) -> list[str]:
        """A phrase about markers that switch the camera, which no format has."""
        if not self.cuts:
            return []
        return [f"that another camera renders from frame {spans(self.cuts)} on"]

    @contextmanager
    def shown(self) -> Iterator[None]:
        """The block's `bpy.context` shows the stage; windows show what they did in the end."""
        layer = self.scene.view_layers[0]
        manager = bpy.context.window_manager
        windows = manager.windows if manager else ()
        before = [(window, window.scene, window.view_layer) for window in windows]
        try:
            with bpy.context.temp_override(scene=self.scene, view_layer=layer):
                yield
        finally:
            for window, scene, layer in before:
                if window.scene != scene:  # of which Blender's glTF is a reason
                    window.scene = scene
                    window.view_layer = layer


@contextmanager
def export_scene(
    scene: bpy.types.Scene,
    objects: Sequence[bpy.types.Object],
    cameras: Sequence[bpy.types.Object],
    name: str,
    glows: bool = True,
    meshes: Mapping[bpy.types.Object, bpy.types.Mesh] = MappingProxyType({}),
    poses: Mapping[bpy.types.Object, Pose] = MappingProxyType({}),
) -> Iterator[ExportScene]:
    """Set up a stage; all of it goes when the block ends, and everything has its name again.

    Args:
        scene: Of the objects and cameras, at its current frame.
        objects: Meshes, such as results.
        cameras: To be shown too.
        name: Textures begin with it.
        glows: Whether unlit pictures become emission, as of `plain_material`.
        meshes: Shown in the place of what modifiers make.
        poses: Of cameras that stand still and see a frame of their own.

    Yields:
        What an exporter gets.

    Raises:
        SceneError: An object is no mesh, or has no faces to show.
        CameraError: A camera is no perspective one.
    """
    for obj in objects:
        if obj.type != "MESH":
            raise SceneError("{obj} is not a mesh.", obj=obj.name)
    paths = {camera: camera_path(scene, camera) for camera in cameras if camera not in poses}
    moving = {obj for obj in objects if is_moving(obj)}
    moves = moving or any(not path[0].looks_like(pose) for path in paths.values() for pose in path)
    paths |= {camera: [pose] for camera, pose in poses.items()}
    current = scene.frame_current
    frames = frames_of(scene) if moves else range(current, current + 1)
    unit = meters_per_unit(scene)
    made: list[bpy.types.ID] = []
    named: list[tuple[bpy.types.ID, str]] = []
    plain: dict[bpy.types.Material, bpy.types.Material] = {}
    unbaked: dict[bpy.types.Object, str] = {}
    try:
        with isolated_scene(scene, []) as bare, temporary_folder() as folder:
            bare.unit_settings.system, bare.unit_settings.scale_length = "METRIC", 1.0
            bare.frame_start, bare.frame_end = frames[0], frames[-1]
            for camera, path in paths.items():
                stand_in = camera_stand_in(camera, path[: len(frames)], unit, made)
                _take_names(stand_in, camera, named)
                bare.collection.objects.link(stand_in)
            for obj in objects:
                stand_in = geometry_stand_in(obj, unit, made, meshes.get(obj))
                places = pose_path(scene, obj, frames if obj in moving else [current])
                move(stand_in, places, unit)
                note_actions(stand_in, made)
                _take_names(stand_in, obj, named)
                bare.collection.objects.link(stand_in)
                for number, painted in enumerate(_materials(bare, stand_in)):
                    material = former_material(painted)
                    if material != painted:
                        unbaked[obj] = stand_in.name
                    with _shown(obj, material) as (image, alpha):
                        if material and image is not None and material not in plain:
                            stem = f"{len(plain) or ''}{bpy.path.clean_name(Path(image.name).stem)}"
                            file = os.path.join(folder, f"{printable(name)}_{stem}")
                            file = write_texture(scene, image, file, alpha)
                            plain[material] = plain_material(material, file, alpha, glows, made)
                            _take_name(plain[material], material, named)
                    shown_by = material and plain.get(material, material)
                    replace_material(stand_in, number, painted, shown_by)
            bare.frame_set(current)
            every = [pose for path in paths.values() for pose in path]
            zooms = any(p.intrinsics != path[0].intrinsics for path in paths.values() for p in path)
            shifts = any(pose.is_shifted for pose in every)
            cuts = tuple(_cuts(scene, cameras))
            yield ExportScene(bare, frames, shifts, zooms, cuts, tuple(unbaked.values()))
    finally:
        bpy.data.batch_remove(made)
        for block, before in reversed(named):
            block.name = before


@contextmanager
def _shown(
    obj: bpy.types.Object, material: bpy.types.Material | None
) -> Iterator[tuple[bpy.types.Image | None, bool]]:
    """The picture that an object's material shows now, if it is one, and whether its alpha counts.

    The material of a layer may compose it of several.
    """
    image = image_shown(material)
    if material is not None and shows_layer(obj) and material in list(obj.data.materials):
        with layer_texture(obj) as found:
            yield found
    elif material is None or image is None:
        yield None, False
    else:
        with image_now(obj, image) as shown:
            yield shown, has_alpha(material)


def _cuts(scene: bpy.types.Scene, cameras: Sequence[bpy.types.Object]) -> list[int]:
    """Frames of a scene from which on another of the cameras renders."""
    rendering = [cut for cut in camera_cuts(scene, frames_of(scene)) if cut[1] in cameras]
    several = len({camera for _, camera in rendering}) > 1
    return [frame for frame, _ in rendering[1:]] if several else []


def _materials(
    bare: bpy.types.Scene, stand_in: bpy.types.Object
) -> list[bpy.types.Material | None]:
    """The materials of the mesh that a stand-in shows."""
    bare.view_layers[0].update()
    mesh = stand_in.evaluated_get(depsgraph_of(bare)).data
    if not len(mesh.polygons):
        raise SceneError("{obj} has no faces; points can be exported as PLY.", obj=stand_in.name)
    return [material and material.original for material in mesh.materials]


def _take_names(
    stand_in: bpy.types.Object, original: bpy.types.Object, named: list[tuple[bpy.types.ID, str]]
) -> None:
    """Give a stand-in the names of an object and its data."""
    _take_name(stand_in, original, named)
    ours, theirs = stand_in.data, original.data
    if ours is not None and theirs is not None:  # both are meshes or cameras
        _take_name(ours, theirs, named)


def _take_name(
    ours: bpy.types.ID, theirs: bpy.types.ID, named: list[tuple[bpy.types.ID, str]]
) -> None:
    """Give a datablock the name of another one, which has another meanwhile."""
    if theirs.library is None:
        name = theirs.name
        named.append((theirs, name))
        theirs.name = f"{name[:40]} (kept)"
        ours.name = name
