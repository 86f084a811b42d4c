"""Choice: which objects are meant, and which cameras belong to what is exported."""

from collections.abc import Iterable

import bpy

from ..camera_at import camera_at, camera_cuts
from ..errors import CameraError
from ..layers.layer_root import is_layers, layer_objects
from ..taken import CAMERA
from .path import frames_of


def meshes_of(objects: Iterable[bpy.types.Object]) -> list[bpy.types.Object]:
    """Objects, each once; the empty that holds layers stands for those that are not hidden."""
    found: list[bpy.types.Object] = []
    for obj in objects:
        layers = layer_objects(obj) if is_layers(obj) else None
        found += [obj] if layers is None else [each for each in layers if not each.hide_render]
    return list(dict.fromkeys(found))


def cameras_of(
    scene: bpy.types.Scene, objects: Iterable[bpy.types.Object]
) -> list[bpy.types.Object]:
    """Cameras that objects were made with, and those that render the scene's frames.

    Args:
        scene: Where they are.
        objects: Results and others.

    Returns:
        Those of the scene, first the current frame's, each once; there may be none.
    """
    rendering = [camera for _, camera in camera_cuts(scene, frames_of(scene))]
    found = [camera_at(scene), *rendering, *(obj.get(CAMERA) for obj in objects)]
    there = {obj.name for obj in scene.objects}
    return list(dict.fromkeys(each for each in found if each and each.name in there))


def camera_of(scene: bpy.types.Scene, objects: Iterable[bpy.types.Object]) -> bpy.types.Object:
    """The first of them.

    Raises:
        CameraError: There is none.
    """
    cameras = cameras_of(scene, objects)
    if not cameras:
        raise CameraError("The scene {scene} has no camera to export.", scene=scene.name)
    return cameras[0]
