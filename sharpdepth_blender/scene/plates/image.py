"""Image: any image datablock as a plate."""

import os
from collections.abc import Sequence

import bpy
from bpy.app.translations import pgettext_rpt

from ..picture import has_pixels, image_size
from .display import Display, reduced
from .errors import SourceError, UnreadableFile
from .file_notes import file_notes
from .frames import copied, movie_frame, still, user_frame
from .numbering import files_like, numbered
from .plate import Plate, pixel_aspect

_FROM_FILES = ("FILE", "SEQUENCE", "MOVIE")
_FIRST_TILE = "Only the first tile of the image is used."
# Custom property of an image of a sequence: the common name of its files, with `#` for digits,
# where somebody has given it. Blender itself takes the last digits of its file.
PATTERN = "sharpdepth_pattern"


def read_image(
    image: bpy.types.Image | None,
    scene: bpy.types.Scene,
    frame: int | None = None,
    image_user: bpy.types.ImageUser | None = None,
    at_once: bool = True,
) -> Plate:
    """Read the picture of an image as Blender shows it.

    Args:
        image: Image of any source.
        scene: Scene-linear images are shown with its view settings.
        frame: Frame of the scene; its current one by default.
        image_user: Says which frame of a sequence or movie is shown; without it the scene's frame
            is the image's own, as near as there is one.
        at_once: Whether to wait for all pixels; else the plate of a large image is still to be
            filled by its `display`.

    Returns:
        Plate.

    Raises:
        SourceError: There is no image, or no picture in it.
    """
    if image is None:
        raise SourceError("There is no image.")
    frame = scene.frame_current if frame is None else frame
    if image_user is not None:
        frame = user_frame(image_user, frame)
    if image.source in _FROM_FILES and not (image.filepath or image.packed_file or image.has_data):
        raise SourceError("The image {name} has no file.", name=image.name)
    path = _path(image)
    if image.source == "SEQUENCE" and not image.packed_file:
        path = numbered(path, frame) if image_user else _nearest_file(image, frame)
        with still(path, image) as (shown, space):
            return _plate(image, shown, space, scene, path)
    if image.source == "MOVIE":
        with movie_frame(path, max(frame, 1), image) as (shown, space):
            return _plate(image, shown, space, scene, None)
    if image.source == "TILED" and not image.filepath and not image.has_data:
        raise SourceError("Save the tiles of {name} first.", name=image.name)
    if image.source == "TILED" and image.filepath and not image.packed_file:
        number = image.tiles[0].number
        path = path.replace("<UDIM>", str(number)).replace("<UVTILE>", "u1_v1")
        with still(path, image) as (shown, space):
            return _plate(image, shown, space, scene, path, (_FIRST_TILE,))
    if image.source == "TILED" and has_pixels(image):
        # `save_render` wants a name for each tile, so the pixels move to an image of one.
        with copied(image, image) as (shown, space):
            return _plate(image, shown, space, scene, None, (_FIRST_TILE,))
    if image.source == "FILE" and not image.packed_file and not image.has_data:
        if not os.path.isfile(path):
            raise SourceError("The file {path} does not exist.", path=path)
    if image.source == "VIEWER":
        raise SourceError("Save {name} as a file first, and open that.", name=image.name)
    texture = image if image.source in ("FILE", "GENERATED") else None
    exists = image.source == "FILE" and os.path.isfile(path)
    if exists and not image.packed_file and not all(image_size(image)):
        raise UnreadableFile(path)
    return _plate(image, image, None, scene, path if exists else None, (), texture, at_once)


def _plate(
    image: bpy.types.Image,
    shown: bpy.types.Image,
    space: str | None,
    scene: bpy.types.Scene,
    path: str | None,
    notes: tuple[str, ...] = (),
    texture: bpy.types.Image | None = None,
    at_once: bool = True,
) -> Plate:
    with reduced(shown) as (smaller, note):
        display = Display(smaller, scene, image.name, space)
        later = not at_once and display.is_large and not note
        if not later:
            display.finish()
    notes = tuple(pgettext_rpt(each) for each in (*notes, *display.notes))
    if path is not None:
        notes = (*notes, *file_notes(path, os.path.basename(path), shown))
    full_size = None
    if note:
        notes, texture = (note.format(name=os.path.basename(path or image.name)), *notes), None
        full_size = image_size(shown)
    return Plate(
        image.name,
        display.rgb,
        texture,
        pixel_aspect(image),
        path,
        None,
        notes,
        full_size,
        display if later else None,
    )


def _path(image: bpy.types.Image) -> str:
    return os.path.abspath(bpy.path.abspath(image.filepath, library=image.library))


def image_files(image: bpy.types.Image) -> dict[int, str]:
    """The files of an image sequence that are on disk, by their ascending numbers.

    Where two have the same number, the one that Blender shows.
    """
    path = _path(image)
    if pattern := image.get(PATTERN):
        path = os.path.join(os.path.dirname(path), os.fsdecode(pattern))
    return {number: files[0] for number, files in files_like(path).items()}


def frames_shown(
    image: bpy.types.Image, frames: Sequence[int], image_user: bpy.types.ImageUser | None = None
) -> list[int]:
    """Those frames of the scene at which an image has a picture of its own.

    Args:
        image: Image sequence or movie.
        frames: Frames of the scene.
        image_user: As for `read_image`, which otherwise shows the nearest picture.
    """
    if image.packed_file:
        return list(frames)
    if image_user is not None:
        if image.source == "MOVIE":
            return list(frames)
        path = _path(image)
        return [
            each for each in frames if os.path.isfile(numbered(path, user_frame(image_user, each)))
        ]
    found = range(1, image.frame_duration + 1) if image.source == "MOVIE" else image_files(image)
    return [each for each in frames if each in found]


def _nearest_file(image: bpy.types.Image, frame: int) -> str:
    files = image_files(image)
    nearest = min(files, key=lambda number: abs(number - frame), default=None)
    return _path(image) if nearest is None else files[nearest]
