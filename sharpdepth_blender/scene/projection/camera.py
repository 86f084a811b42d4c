"""Camera: the locked camera that a picture is projected from."""

import math
from typing import Any, cast

import bpy
from mathutils import Matrix

from ...geometry import Intrinsics, Placement
from ..camera import camera_data, camera_for, remove_backgrounds, show_behind
from ..shot import view_through
from ..source import LOCKED_COPY, Background

_COLLECTION = "Projections"
_MARK = "sharpdepth_projections"  # custom property of our collection
_LENS = ("sensor_fit", "sensor_width", "sensor_height", "lens", "shift_x", "shift_y")


def projection_camera(
    scene: bpy.types.Scene,
    name: str,
    picture: bpy.types.Image,
    intrinsics: Intrinsics,
    matrix: Matrix,
    like: bpy.types.Object | None = None,
) -> bpy.types.Object:
    """Make a camera that stays where a picture was taken, with the picture as its background.

    It has no parent, constraints, animation or depth of field, and its transform is locked.

    Args:
        scene: Scene with the render size and pixel aspect, which stay as they are.
        name: Name of the object and its data.
        picture: Background.
        intrinsics: Intrinsics of the picture.
        matrix: World matrix of the camera that took the picture, without scale.
        like: Camera object to copy all other settings from, and the lens if it shows the picture as
            a whole in its frame; None for the defaults.

    Returns:
        A new object, not linked to a collection.
    """
    camera = camera_for(scene, intrinsics, name)
    if like is not None:
        _become_like(scene, camera, camera_data(like), picture, intrinsics)
    data = camera.data
    show_behind(camera, picture)
    data.dof.use_dof = False
    data.show_name = True
    camera.matrix_world = matrix
    camera[LOCKED_COPY] = True
    every_axis: Any = (True, True, True)  # arrays of Blender are set by any sequence
    camera.lock_location = camera.lock_rotation = camera.lock_scale = every_axis
    camera.lock_rotation_w = camera.lock_rotations_4d = True
    return camera


def projections_collection(scene: bpy.types.Scene) -> bpy.types.Collection:
    """The scene's collection for projection cameras; it is made if there is none."""
    for collection in scene.collection.children_recursive:
        if _MARK in collection.keys() and collection.library is None:
            return collection
    collection = bpy.data.collections.new(_COLLECTION)
    collection[_MARK] = True
    scene.collection.children.link(collection)
    return collection


def _become_like(
    scene: bpy.types.Scene,
    camera: bpy.types.Object,
    data: bpy.types.Camera,
    picture: bpy.types.Image,
    intrinsics: Intrinsics,
) -> None:
    """Give a camera another one's data, except for a lens that would not show the picture."""
    made = camera_data(camera)
    copy = cast(bpy.types.Camera, data.copy())
    copy.name = made.name
    copy.animation_data_clear()
    remove_backgrounds(copy)
    camera.data = copy
    if not _shows(scene, camera, picture, intrinsics):
        for each in _LENS:
            setattr(copy, each, getattr(made, each))
    bpy.data.cameras.remove(made)


def _shows(
    scene: bpy.types.Scene,
    camera: bpy.types.Object,
    picture: bpy.types.Image,
    intrinsics: Intrinsics,
) -> bool:
    """Whether a camera shows a picture of these intrinsics as a whole in its frame."""
    background = Background(picture, placement=Placement("FIT"))
    aspect = intrinsics.fx / intrinsics.fy
    found = view_through(
        scene, camera, background, intrinsics.width, intrinsics.height, aspect
    ).intrinsics
    tolerance = 1e-5 * max(intrinsics.width, intrinsics.height)
    return all(
        math.isclose(getattr(found, each), getattr(intrinsics, each), abs_tol=tolerance)
        for each in ("fx", "fy", "cx", "cy")
    )
