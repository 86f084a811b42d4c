"""Origin: the picture that is projected, and where it was taken."""

import bpy

from ..errors import CameraError
from ..live import find_modifier, live_intrinsics
from ..modifier import get_input
from ..plates import read_image
from ..shot import Shot, shot_as_seen, shot_through
from ..source import Source, find_background, find_source
from .errors import ProjectionError


def shot_of_camera(
    scene: bpy.types.Scene, camera: bpy.types.Object, image: bpy.types.Image | None = None
) -> Shot:
    """The picture of a camera as it sees it, at the scene's current frame.

    Args:
        scene: Scene of the camera.
        camera: Camera object.
        image: Picture, which lies as the camera shows it, or else as a whole in its frame; None for
            what the camera has as its background, an image or else a movie clip.

    Returns:
        shot.Shot with intrinsics and a matrix.

    Raises:
        CameraError: The camera is no perspective one, or has no background.
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
    shot = shot_through(scene, camera, source.read(scene), source.background)
    return shot.noting(source.notes)


def shot_of_result(scene: bpy.types.Scene, obj: bpy.types.Object) -> Shot:
    """The picture of a live result, and the camera that it was taken by.

    Args:
        scene: Scene at whose current frame it is meant.
        obj: Live result.

    Returns:
        shot.Shot with intrinsics and a matrix.

    Raises:
        ProjectionError: It is no live result, or its picture is gone.
        SourceError: The picture cannot be read.
    """
    modifier = find_modifier(obj)
    picture = modifier and get_input(modifier, "Picture")
    intrinsics = modifier and live_intrinsics(modifier)
    if picture is None or intrinsics is None:
        raise ProjectionError(
            "{obj} is no live depth result with a picture to project.", obj=obj.name
        )
    plate = read_image(picture, scene)
    height, width = plate.rgb.shape[:2]
    intrinsics = intrinsics.resized(width, height)
    return shot_as_seen(plate, (False, False), intrinsics, obj.matrix_world.normalized())
