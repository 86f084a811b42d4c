"""Taken: of which picture a result was made, and through which camera it was seen."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import bpy
from mathutils import Matrix

from .uids import find_by_uid

# Custom properties of a result: the image or movie clip that it was made from, the camera object
# that took it, and the rest, by the names below.
SOURCE, SEEN_BY, _TAKEN = "sharpdepth_source", "sharpdepth_seen_by", "sharpdepth_taken"
_FRAME, _PATH, _SEEN_AT = "frame", "path", "seen at"
# Where it was laid; a set of layers has it, too.
_PLACE = "sharpdepth_place"
# The camera, if one was made for it.
CAMERA = "sharpdepth_camera"
# A place is the same up to this, relative to its largest number.
_STILL = 1e-5


@dataclass(frozen=True)
class Taken:
    """What tells one picture and camera from others, while the user may change anything.

    Attributes:
        block: Session uid of the image or movie clip; None for a file that only the engine reads,
            and for pixels.
        frame: Frame of the scene, where the source has more than one picture.
        path: File behind it, None where there is none.
        camera: Session uid of the camera object; None where it is still to be made.
        seen_at: Frame of the scene at which the camera was looked at, whatever the source; None
            where it is not known.
    """

    block: int | None = None
    frame: int | None = None
    path: str | None = None
    camera: int | None = None
    seen_at: int | None = None


def taken_from(
    scene: bpy.types.Scene,
    block: bpy.types.Image | bpy.types.MovieClip | None,
    camera: bpy.types.Object | None,
) -> Taken:
    """What is known of a picture at a scene's current frame, and of the camera that took it."""
    uid = None if camera is None else camera.session_uid
    if block is None:
        return Taken(camera=uid, seen_at=scene.frame_current)
    return Taken(
        block.session_uid,
        scene.frame_current if _is_moving(block) else None,
        _file_of(block),
        uid,
        scene.frame_current,
    )


def keep_taken(obj: bpy.types.Object, taken: Taken) -> None:
    """Keep with a result of what it was made."""
    for key, found in (
        (SOURCE, find_block(taken.block)),
        (SEEN_BY, find_camera(taken) or obj.get(CAMERA)),
    ):
        if found is not None:
            obj[key] = found
        elif key in obj.keys():
            del obj[key]
    kept: dict[str, object] = {}
    if taken.frame is not None:
        kept[_FRAME] = taken.frame
    if taken.path is not None:
        kept[_PATH] = os.fsencode(taken.path)  # its name may have any bytes
    if taken.seen_at is not None:
        kept[_SEEN_AT] = taken.seen_at
    obj[_TAKEN] = kept


def seen_at(obj: bpy.types.Object) -> int | None:
    """The frame at which the camera of a result was looked at; None where it is not known."""
    frame: int | None = obj.get(_TAKEN, {}).get(_SEEN_AT)
    return frame


def keep_place(obj: bpy.types.Object, matrix: Matrix) -> None:
    """Keep where an object was laid, which tells whether somebody moved it since."""
    obj[_PLACE] = _values(matrix)


def lay_again(obj: bpy.types.Object, matrix: Matrix) -> None:
    """Bring an object to where its camera is now, unless somebody moved it himself."""
    kept = obj.get(_PLACE)
    if kept is None or _same_place([*kept], matrix):
        return  # the camera stands where it stood
    if not _same_place([*kept], obj.matrix_world):
        return
    obj.matrix_world = matrix
    keep_place(obj, matrix)


def is_of(obj: bpy.types.Object, taken: Taken, picture: bpy.types.Image | None) -> bool:
    """Whether a result was made of a picture, by its datablock, its file, or the result's own copy.

    Args:
        obj: Result.
        taken: The picture.
        picture: Image that the result shows.
    """
    if taken.block is not None and picture is not None and taken.block == picture.session_uid:
        if taken.frame is None:
            return True
    kept = obj.get(_TAKEN, {})
    if kept.get(_FRAME) != taken.frame:
        return False
    source = obj.get(SOURCE)
    if source is not None and source.session_uid == taken.block:
        return True
    path = _file_of(source) if source is not None else None
    if path is None and _PATH in kept:
        path = os.fsdecode(kept[_PATH])
    return path is not None and taken.path is not None and _plain(path) == _plain(taken.path)


def is_seen_by(obj: bpy.types.Object, taken: Taken) -> bool:
    """Whether a result was seen by a camera; one to be made is the one made for it."""
    if taken.camera is None:
        return CAMERA in obj.keys()
    camera = seen_by(obj)
    return camera is not None and camera.session_uid == taken.camera


def seen_by(obj: bpy.types.Object) -> bpy.types.Object | None:
    """The camera object that took the picture of a result; None where it is not known, or gone."""
    for key in (SEEN_BY, CAMERA):
        camera = obj.get(key)
        if camera is not None and camera.type == "CAMERA":
            return camera
    return None


def find_camera(taken: Taken) -> bpy.types.Object | None:
    """The camera object that took a picture; None where it is not known, or gone."""
    return find_by_uid(bpy.data.objects, taken.camera)


def find_block(uid: int | None) -> bpy.types.Image | bpy.types.MovieClip | None:
    """The image or movie clip of a session uid."""
    return find_by_uid(bpy.data.images, uid) or find_by_uid(bpy.data.movieclips, uid)


def _is_moving(block: bpy.types.Image | bpy.types.MovieClip) -> bool:
    if isinstance(block, bpy.types.Image):
        return block.source in ("SEQUENCE", "MOVIE")
    return block.frame_duration > 1


def _file_of(block: bpy.types.Image | bpy.types.MovieClip) -> str | None:
    """The file of a datablock; the first of several."""
    if isinstance(block, bpy.types.Image):
        if block.packed_file is not None or block.source in ("GENERATED", "VIEWER"):
            return None
    if not block.filepath:
        return None
    return os.path.abspath(bpy.path.abspath(block.filepath, library=block.library))


def _plain(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))


def _same_place(kept: Sequence[float], matrix: Matrix) -> bool:
    most = max(abs(value) for value in kept)
    return all(abs(a - b) <= _STILL * most for a, b in zip(kept, _values(matrix), strict=True))


def _values(matrix: Matrix) -> list[float]:
    return [float(matrix[row][column]) for row in range(4) for column in range(4)]
