"""Origin: the picture to project, and where it was taken."""

from dataclasses import replace

import bpy

from ..errors import CameraError
from ..live import find_modifier, live_intrinsics
from ..modifier import get_input
from ..perspective import check_perspective
from ..plates import read_image
from ..result import plate_name
from ..shot import Shot, read_shot, shot_as_seen
from ..source import Source, find_background, find_source
from ..taken import Taken, seen_by
from .errors import ProjectionError


def shot_of_camera(
    scene: bpy.types.Scene, camera: bpy.types.Object, image: bpy.types.Image | None = None
) -> Shot:
    """A camera's picture as the camera shows it, at the scene's current frame.

    Args:
        scene: Scene of the camera.
        camera: Camera object.
        image: Picture, placed as in the camera's background, else as a whole in its frame; None for
            the camera's background image, else its background clip.

    Returns:
        Shot with intrinsics and a matrix.

    Raises:
        CameraError: The camera is not a perspective one, or has no background.
        SourceError: The picture cannot be read.
    """
    if image is not None:
        source = find_source(scene, "IMAGE", camera, image)
    else:
        try:
            background = find_background(scene, camera, "IMAGE")
        except CameraError as error:
            try:
                background = find_background(scene, camera, "MOVIE_CLIP")
            except CameraError:
                raise error from None
        source = Source(background.source, background.image_user, background)
    return read_shot(scene, source, camera)


def shot_of_result(scene: bpy.types.Scene, obj: bpy.types.Object) -> Shot:
    """A live result's picture, and the camera that took it, at the scene's current frame.

    Args:
        scene: Scene of the result.
        obj: Live result.

    Returns:
        Shot with intrinsics and a matrix.

    Raises:
        PerspectiveError: It is of a panorama.
        ProjectionError: The object is not a live result, or its picture is gone.
        SourceError: The picture cannot be read.
    """
    check_perspective(obj)
    modifier = find_modifier(obj)
    picture = get_input(modifier, "Picture") if modifier else None
    intrinsics = live_intrinsics(modifier) if modifier else None
    if picture is None or intrinsics is None:
        raise ProjectionError(
            "{obj} is no live depth result with a picture to project.", obj=obj.name
        )
    plate = read_image(picture, scene)
    height, width = plate.rgb.shape[:2]
    intrinsics = intrinsics.resized(width, height)
    shot = shot_as_seen(plate, (False, False), intrinsics, obj.matrix_world.normalized())
    camera = seen_by(obj)
    taken = Taken(camera=None if camera is None else camera.session_uid)
    return replace(shot, name=plate_name(obj), taken=taken)
