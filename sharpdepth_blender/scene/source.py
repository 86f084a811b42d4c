"""Source: where pictures come from, and how the camera that took them shows them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import bpy
from bpy.app.translations import pgettext_rpt

from ..files import absolute
from ..geometry import Placement
from .camera import camera_data
from .camera_at import camera_at
from .errors import CameraError
from .loading import load_image
from .own_paths import OPENED, make_relative
from .picture import image_size
from .plates import (
    Plate,
    SourceError,
    UnreadableFile,
    clip_frames_shown,
    frames_shown,
    is_distorted,
    read_clip,
    read_image,
)

# Custom property of the locked camera that a picture is projected from.
LOCKED_COPY = "sharpdepth_projection_camera"
# What stands for the camera that shows the picture, or else a new one.
AUTO: Literal["AUTO"] = "AUTO"


@dataclass(frozen=True)
class Background:
    """A picture in a camera's frame.

    Attributes:
        source: Image or MovieClip; None for a picture that is no datablock.
        image_user: Which frame of an image is shown; None for a clip.
        placement: Where in the frame it lies.
        flip: Whether it is mirrored, (left to right, upside down).
        bends: Whether it is a clip that is shown with the distortion of its lens.
    """

    source: bpy.types.Image | bpy.types.MovieClip | None
    image_user: bpy.types.ImageUser | None = None
    placement: Placement = Placement()
    flip: tuple[bool, bool] = (False, False)
    bends: bool = False


@dataclass(frozen=True)
class Source:
    """A datablock with pictures, and how the camera that took them shows it.

    Attributes:
        block: Image or MovieClip.
        image_user: Which frame of an image is shown; None where nothing says so, and for a clip.
        background: How the camera shows it; None where the camera is still to be made.
        notes: Sentences for the user.
        kind: As of `find_source`.
    """

    block: bpy.types.Image | bpy.types.MovieClip | None
    image_user: bpy.types.ImageUser | None = None
    background: Background | None = None
    notes: tuple[str, ...] = ()
    kind: str = "IMAGE"

    def behind(self, scene: bpy.types.Scene, camera: bpy.types.Object) -> "Source":
        """What is meant where another camera takes the pictures.

        Raises:
            CameraError: It has no such background.
        """
        image = self.block if isinstance(self.block, bpy.types.Image) else None
        return find_source(scene, self.kind, camera, image, self.image_user)

    def read(self, scene: bpy.types.Scene, frame: int | None = None, at_once: bool = True) -> Plate:
        """Read its picture at a frame of the scene, the current one by default.

        Where it is not to be read `at_once`, a large image comes as of `read_image`.

        Raises:
            SourceError: There is none, or it cannot be read.
        """
        if isinstance(self.block, bpy.types.MovieClip):
            return read_clip(self.block, scene, frame)
        return read_image(self.block, scene, frame, self.image_user, at_once)

    def frames_shown(self, frames: Sequence[int]) -> list[int]:
        """Those frames of the scene that have a picture of their own, where others lack a file.

        A single picture is there at every frame.
        """
        if isinstance(self.block, bpy.types.MovieClip):
            return clip_frames_shown(self.block, frames)
        if self.block is None or self.block.source not in ("SEQUENCE", "MOVIE"):
            return list(frames)
        return frames_shown(self.block, frames, self.image_user)

    def check_moving(self) -> None:
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


def open_image(path: str | os.PathLike, again: bool = False) -> bpy.types.Image:
    """Open a picture file as an image, or find the image that shows it already.

    Args:
        path: Of the file; its name may have any bytes.
        again: Whether to open it in any case, as for another color space.

    Raises:
        UnreadableFile: Blender cannot show it, or there is none.
        DamagedFile: Blender would crash.
    """
    path = absolute(path)
    known = set(bpy.data.images)
    try:
        image = load_image(path, check_existing=not again)
    except (RuntimeError, UnicodeError) as error:  # the latter of a name that is not UTF-8
        raise UnreadableFile(path) from error
    if image not in known and not all(image_size(image)):
        bpy.data.images.remove(image)
        raise UnreadableFile(path)
    if image not in known:
        image[OPENED] = True
        make_relative(image)
    return image


def find_source(
    scene: bpy.types.Scene,
    kind: str,
    camera: bpy.types.Object | None,
    image: bpy.types.Image | None = None,
    image_user: bpy.types.ImageUser | None = None,
) -> Source:
    """Find what a scene's settings or a command mean.

    Args:
        scene: Scene of the camera.
        kind: `IMAGE`, `CAMERA_BACKGROUND` or `MOVIE_CLIP`, these two of the camera, or else of the
            one that renders the current frame.
        camera: Camera object that took the pictures; None where it is still to be made.
        image: Of the kind `IMAGE`.
        image_user: Which frame of it is shown, unless the camera shows it and says so itself.

    Raises:
        CameraError: There is no such camera or background.
    """
    if kind == "IMAGE":
        background = background_of(camera, image) if camera else None
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
    shown_by = camera or camera_at(scene)
    if shown_by is None:
        raise CameraError(
            "The scene {scene} has no camera, so there is no background to take.", scene=scene.name
        )
    wanted = "IMAGE" if kind == "CAMERA_BACKGROUND" else "MOVIE_CLIP"
    background = find_background(scene, shown_by, wanted)
    shown = background if camera else None
    notes = _notes_of(shown_by, shown)
    return Source(background.source, background.image_user, shown, notes, kind)


def find_background(scene: bpy.types.Scene, camera: bpy.types.Object, kind: str) -> Background:
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
        source = _shown_by(scene, each)
        if source is not None and each.source == kind and each.show_background_image:
            return _background(each, source)
    what = "background image" if kind == "IMAGE" else "movie clip as background"
    raise CameraError(
        "The camera {camera} has no {what} that is shown: add one in its Object Data "
        "properties, under Background Images.",
        camera=camera.name,
        what=what,
    )


def automatic_source(
    scene: bpy.types.Scene,
    block: bpy.types.Image | bpy.types.MovieClip | None,
    image_user: bpy.types.ImageUser | None = None,
) -> tuple[Source, bpy.types.Object | None]:
    """Find the camera that shows an image or a clip as one of its backgrounds.

    The scene's active camera comes first, then the others. Only perspective ones count, as another
    one cannot have taken the picture; and of the others no locked camera of a projection, which is
    a copy.

    Args:
        scene: Where the cameras are.
        block: What is shown; a hidden background does not count.
        image_user: Which frame of an image is shown, where no camera says so.

    Returns:
        (source, camera object); None for a camera that is still to be made.
    """
    rendering = camera_at(scene)
    for camera in dict.fromkeys((rendering, *scene.objects)) if block else ():
        if camera is None or not isinstance(camera.data, bpy.types.Camera):
            continue
        is_copy = LOCKED_COPY in camera.keys() and camera != rendering
        if camera.data.type != "PERSP" or is_copy:
            continue
        for each in camera.data.background_images:
            if each.show_background_image and _shown_by(scene, each) == block:
                background = _background(each, block)
                notes = _notes_of(camera, background)
                return Source(block, background.image_user, background, notes), camera
    return Source(block, image_user), None


def background_of(camera: bpy.types.Object, image: bpy.types.Image | None) -> Background | None:
    """How a camera shows an image as one of its backgrounds, None where it does not."""
    for each in camera_data(camera).background_images:
        if each.source == "IMAGE" and each.image == image and each.show_background_image:
            return _background(each, image)
    return None


def _shown_by(
    scene: bpy.types.Scene, shown: bpy.types.CameraBackgroundImage
) -> bpy.types.Image | bpy.types.MovieClip | None:
    if shown.source == "IMAGE":
        return shown.image
    return scene.active_clip if shown.use_camera_clip else shown.clip


def _background(
    shown: bpy.types.CameraBackgroundImage, source: bpy.types.Image | bpy.types.MovieClip | None
) -> Background:
    placement = Placement(
        shown.frame_method,
        (shown.offset[0], shown.offset[1]),
        shown.scale,
        shown.rotation,
    )
    image_user = shown.image_user if shown.source == "IMAGE" else None
    bends = (
        isinstance(source, bpy.types.MovieClip)
        and is_distorted(source)
        and not shown.clip_user.use_render_undistorted
    )
    flip = shown.use_flip_x, shown.use_flip_y
    return Background(source, image_user, placement, flip, bends)


def _notes_of(camera: bpy.types.Object, background: Background | None) -> tuple[str, ...]:
    """A sentence where a camera does not show a clip as it is laid under the camera."""
    if background is None or background.source is None or not background.bends:
        return ()
    note = pgettext_rpt(
        "The camera {camera} shows {clip} with its lens distortion, and the result lies under it "
        "without: turn on Render Undistorted in the camera's background."
    )
    return (note.format(camera=camera.name, clip=background.source.name),)
