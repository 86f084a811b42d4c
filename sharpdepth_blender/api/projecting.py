"""Projecting: a picture onto meshes, from where it was taken."""

import os
from collections.abc import Sequence
from typing import Any

import bpy

from ..scene import CameraError
from ..scene.camera_at import camera_at
from ..scene.linked import check_local
from ..scene.opened_images import opened_images
from ..scene.projection import add_projection, shot_of_camera
from ..scene.shot import Shot
from ..scene.source import open_image
from .script import current_scene


def project(
    objects: Sequence[bpy.types.Object],
    picture: str | os.PathLike | bpy.types.Image | None = None,
    scene: bpy.types.Scene | None = None,
    *,
    camera: bpy.types.Object | None = None,
    **settings: Any,
) -> bpy.types.NodeTree:
    """Project a picture from where it was taken onto meshes, on top of what they have.

    Args:
        objects: Meshes.
        picture: A file or an image; None for the background of its camera.
        scene: Of the objects; None for the current one.
        camera: Camera object that took the picture, at the scene's current frame; None for the
            scene's.
        **settings: Of `scene.projection.add_projection`: mask, facing_fade, keep_material.

    Returns:
        The projection, a shader node group.

    Raises:
        SceneError: There is no such picture or camera, or an object cannot be painted on.
    """
    scene = scene or current_scene()
    camera = camera or camera_at(scene)
    if camera is None:
        raise CameraError("The scene {scene} has no camera.", scene=scene.name)
    with opened_images():
        if picture is not None and not isinstance(picture, bpy.types.Image):
            picture = open_image(picture)
        shot = shot_of_camera(scene, camera, picture)
        return project_shot(objects, shot, scene, camera, **settings)


def project_shot(
    objects: Sequence[bpy.types.Object],
    shot: Shot,
    scene: bpy.types.Scene,
    camera: bpy.types.Object | None,
    **settings: Any,
) -> bpy.types.NodeTree:
    """Project a picture that has been read and whose camera is known, as `project` does."""
    check_local(scene)
    assert shot.picture is not None and shot.intrinsics is not None and shot.matrix is not None
    return add_projection(
        scene,
        objects,
        shot.picture,
        shot.intrinsics,
        shot.matrix,
        name=shot.name,
        camera=camera,
        **settings,
    )
