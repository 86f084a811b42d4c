"""Background: the picture that a camera shows behind the scene, and who took it."""

from dataclasses import dataclass

import bpy

from ..geometry import Placement, view_of_background
from .camera import camera_data, camera_intrinsics, spans_width
from .errors import CameraError


@dataclass(frozen=True)
class Background:
    """A picture in a camera's frame.

    Attributes:
        source: Image or MovieClip.
        image_user: Which frame of an image is shown; None for a clip.
        placement: Where in the frame it lies.
        flip: Whether it is mirrored, (left to right, upside down).
    """

    source: bpy.types.Image | bpy.types.MovieClip
    image_user: bpy.types.ImageUser | None = None
    placement: Placement = Placement()
    flip: tuple[bool, bool] = (False, False)


def find_background(scene, camera, kind):
    """The first background of a camera that is of a kind, not hidden, and shows something.

    Whether the camera shows its backgrounds at all is not asked.

    Args:
        scene: A clip background may show the scene's own active clip.
        camera: Camera object.
        kind: `IMAGE` or `MOVIE_CLIP`.

    Raises:
        CameraError: It has none, or is no camera.
    """
    for each in camera_data(camera).background_images:
        source = _source(scene, each)
        if source is not None and each.source == kind and each.show_background_image:
            return _background(each, source)
    what = "background image" if kind == "IMAGE" else "movie clip as background"
    raise CameraError(
        "The camera {camera} has no {what} that is shown: add one in its Object Data "
        "properties, under Background Images.",
        camera=camera.name,
        what=what,
    )


def background_of(camera, image):
    """How a camera shows an image as one of its backgrounds, None where it does not."""
    for each in camera_data(camera).background_images:
        if each.source == "IMAGE" and each.image == image and each.show_background_image:
            return _background(each, image)
    return None


def view_through(scene, camera, background, width, height, pixel_aspect):
    """Find the camera that took the picture which is a camera's background.

    Args:
        scene: Its render size and pixel aspect count.
        camera: Camera object.
        background: Background of it.
        width: Picture width in pixels.
        height: Picture height in pixels.
        pixel_aspect: Height over width of one of the picture's pixels.

    Returns:
        geometry.View of the picture as it is shown, mirrored where it is flipped.

    Raises:
        CameraError: The camera is no perspective one, or scales the picture to nothing.
    """
    # Rendered at another percentage the frame is rounded to whole pixels; the viewport's is not.
    frame = camera_intrinsics(scene, camera, percentage=100)
    try:
        return view_of_background(
            frame, spans_width(scene, camera), width, height, 1 / pixel_aspect, background.placement
        )
    except ValueError as error:
        raise CameraError(
            "The background of the camera {camera}: {error}", camera=camera.name, error=error
        ) from error


def _source(scene, shown):
    if shown.source == "IMAGE":
        return shown.image
    return scene.active_clip if shown.use_camera_clip else shown.clip


def _background(shown, source):
    placement = Placement(
        shown.frame_method,
        tuple(shown.offset),
        shown.scale,
        shown.rotation,
    )
    image_user = shown.image_user if shown.source == "IMAGE" else None
    return Background(source, image_user, placement, (shown.use_flip_x, shown.use_flip_y))
