"""Source: where pictures come from, and how a camera shows them."""

from dataclasses import dataclass

import bpy
from bpy.app.translations import pgettext_rpt

from ..geometry import Placement
from .background import Background, background_of, find_background
from .errors import CameraError
from .plates import Plate, SourceError, read_clip, read_image


@dataclass(frozen=True)
class Source:
    """A datablock with pictures, and how the camera that took them shows it.

    Attributes:
        block: Image or MovieClip.
        image_user: Which frame of an image is shown; None where nothing says so, and for a clip.
        background: How the camera shows it; None where the camera is still to be made.
        notes: Sentences for the user.
    """

    block: bpy.types.Image | bpy.types.MovieClip
    image_user: bpy.types.ImageUser | None = None
    background: Background | None = None
    notes: tuple[str, ...] = ()

    def read(self, scene, frame=None) -> Plate:
        """Read its picture at a frame of the scene, the current one by default.

        Raises:
            SourceError: There is none, or it cannot be read.
        """
        if isinstance(self.block, bpy.types.MovieClip):
            return read_clip(self.block, scene, frame)
        return read_image(self.block, scene, frame, self.image_user)

    def check_moving(self):
        """Make sure that there is more than one picture.

        Raises:
            SourceError: It is a single one.
        """
        if isinstance(self.block, bpy.types.Image) and self.block.source not in (
            "SEQUENCE",
            "MOVIE",
        ):
            raise SourceError(
                "{name} is a single picture: choose an image sequence, a movie or a movie clip.",
                name=self.block.name,
            )


def find_source(scene, kind, camera, image=None, image_user=None):
    """Find what a scene's settings or a command mean.

    Args:
        scene: Scene of the camera.
        kind: `IMAGE`, `CAMERA_BACKGROUND` or `MOVIE_CLIP`, these two of the scene's camera.
        camera: Camera object that took the pictures; None where it is still to be made.
        image: Of the kind `IMAGE`.
        image_user: Which frame of it is shown, unless the camera shows it and says so itself.

    Raises:
        CameraError: There is no such camera or background.
    """
    if kind == "IMAGE":
        background = camera and background_of(camera, image)
        if background:
            return Source(image, background.image_user, background)
        if not camera or image is None:
            return Source(image, image_user)
        # As Blender shows one that is added to the camera.
        note = pgettext_rpt(
            "{image} is no background of the camera {camera}; it was taken to lie as a whole in "
            "the middle of its frame."
        ).format(image=image.name, camera=camera.name)
        return Source(image, image_user, Background(image, placement=Placement("FIT")), (note,))
    if scene.camera is None:
        raise CameraError(
            "The scene {scene} has no camera, so there is no background to take.", scene=scene.name
        )
    wanted = "IMAGE" if kind == "CAMERA_BACKGROUND" else "MOVIE_CLIP"
    background = find_background(scene, scene.camera, wanted)
    return Source(background.source, background.image_user, background if camera else None)
