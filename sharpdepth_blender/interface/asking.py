"""Asking: the picture that a scene's settings mean, and how its camera sees it."""

import math

import bpy
from bpy.app.translations import pgettext_rpt

from ..geometry import Placement
from ..scene import CameraError
from ..scene.background import Background, background_of, find_background
from ..scene.plates import active_image, read_clip, read_image
from ..scene.shot import Shot, shot_alone, shot_through


def read_shot(context: bpy.types.Context) -> Shot:
    """Read the picture that the settings of the context's scene ask for, at its current frame.

    Args:
        context: Says which image is active, where none is named.

    Raises:
        SourceError: There is no such picture, or it cannot be read.
        CameraError: There is no such camera or background, or the camera is no perspective one.
    """
    scene = context.scene
    settings = scene.sharpdepth
    camera = scene.camera if settings.camera == "SCENE" else None
    notes = []
    if settings.source == "IMAGE":
        image, image_user = (settings.image, None) if settings.image else active_image(context)
        background = camera and background_of(camera, image)
        if background:
            image_user = background.image_user
        plate = read_image(image, scene, image_user=image_user)
        if camera and not background:
            # As Blender shows one that is added to the camera.
            background = Background(image, placement=Placement("FIT"))
            notes.append(
                pgettext_rpt(
                    "{image} is no background of the camera {camera}; it was taken to lie as a "
                    "whole in the middle of its frame."
                ).format(image=image.name, camera=camera.name)
            )
    else:
        kind = "IMAGE" if settings.source == "CAMERA_BACKGROUND" else "MOVIE_CLIP"
        background = find_background(scene, _scene_camera(scene), kind)
        if kind == "IMAGE":
            plate = read_image(background.source, scene, image_user=background.image_user)
        else:
            plate = read_clip(background.source, scene)

    if camera:
        return shot_through(scene, camera, plate, background).noting(notes)
    shot = shot_alone(plate)
    return shot.with_fov(math.degrees(settings.fov)) if settings.camera == "FOV" else shot


def _scene_camera(scene):
    if scene.camera is None:
        raise CameraError(
            "The scene {scene} has no camera, so there is no background to take.", scene=scene.name
        )
    return scene.camera
