"""Clip: a frame of a movie clip as a plate, without the distortion of its lens."""

import os
from collections.abc import Sequence

import bpy
from bpy.app.translations import pgettext_rpt

from ...geometry import Intrinsics
from ...geometry.lens import Distortion, Lens
from .display import Display
from .errors import SourceError
from .frames import movie_frame, still
from .numbering import number_in, numbered
from .plate import Plate, pixel_aspect

_UNDISTORTED = "The picture was undistorted by the lens of the movie clip."
_UNSEEN = "The lens does not show {share} of the undistorted picture, which is open there."
_TOLD = 1e-3  # share of the picture
_COEFFICIENTS = {
    "POLYNOMIAL": ("k1", "k2", "k3"),
    "DIVISION": ("division_k1", "division_k2"),
    "NUKE": ("nuke_k1", "nuke_k2"),
    "BROWN": ("brown_k1", "brown_k2", "brown_k3", "brown_k4"),
}


def read_clip(
    clip: bpy.types.MovieClip | None, scene: bpy.types.Scene, frame: int | None = None
) -> Plate:
    """Read a frame of a movie clip, undistorted where its tracking camera has a distortion.

    Args:
        clip: Movie clip.
        scene: Scene-linear clips are shown with its view settings.
        frame: Frame of the scene; its current one by default.

    Returns:
        Plate, with intrinsics where the clip was solved or its lens calibrated.

    Raises:
        SourceError: There is no clip, or its file is missing or cannot be read.
    """
    if clip is None:
        raise SourceError("There is no movie clip.")
    frame = scene.frame_current if frame is None else frame
    if clip.source == "SEQUENCE":
        path = _file_at(clip, frame)
        opened = still(path, clip)
    else:
        path = None
        opened = movie_frame(_path(clip), _index(clip, frame) + 1, clip)
    with opened as (shown, space):
        display = Display(shown, scene, clip.name, space)
        display.finish()
    rgb = display.rgb
    height, width = rgb.shape[:2]
    lens, intrinsics = clip_lens(clip, width, height)
    # A lens that nobody has calibrated or solved is Blender's default, and says nothing.
    is_known = clip.tracking.reconstruction.is_valid or not lens.is_plain
    notes: tuple[str, ...] = ()
    distortion = None
    if not lens.is_plain:
        distortion = Distortion(lens, intrinsics)
        rgb = distortion.undistort(rgb)
        notes = (pgettext_rpt(_UNDISTORTED),)
        if (share := float(distortion.unseen(width, height).mean())) >= _TOLD:
            notes = (*notes, pgettext_rpt(_UNSEEN).format(share=f"{share:.1%}"))
    known = intrinsics if is_known else None
    aspect = pixel_aspect(clip)
    return Plate(clip.name, rgb, None, aspect, path, known, notes, distortion=distortion)


def is_distorted(clip: bpy.types.MovieClip) -> bool:
    """Whether the tracking camera of a clip has a lens distortion."""
    return not clip_lens(clip, 1, 1)[0].is_plain


def clip_frames_shown(clip: bpy.types.MovieClip, frames: Sequence[int]) -> list[int]:
    """Those frames of the scene at which a movie clip has a picture of its own."""
    if clip.source == "SEQUENCE":
        return [each for each in frames if _own_file(clip, each)]
    return [each for each in frames if _place(clip, each) == _index(clip, each)]


def _own_file(clip: bpy.types.MovieClip, frame: int) -> str | None:
    """The file of a clip of images at a frame of the scene, None where there is none."""
    first, place = _path(clip), _place(clip, frame)
    path = numbered(first, number_in(first) + place)
    return path if place >= 0 and os.path.isfile(path) else None


def _file_at(clip: bpy.types.MovieClip, frame: int) -> str:
    """The same, or the nearest file that Blender counts, which stops where the first is missing."""
    first = _path(clip)
    return _own_file(clip, frame) or numbered(first, number_in(first) + _index(clip, frame))


def _path(clip: bpy.types.MovieClip) -> str:
    return os.path.abspath(bpy.path.abspath(clip.filepath, library=clip.library))


def _index(clip: bpy.types.MovieClip, frame: int) -> int:
    """Of a frame of the scene, from the clip's first one on, which is 0."""
    return min(max(_place(clip, frame), 0), max(clip.frame_duration - 1, 0))


def _place(clip: bpy.types.MovieClip, frame: int) -> int:
    """The same beyond the clip's ends, too."""
    return frame - clip.frame_start + clip.frame_offset


def clip_lens(clip: bpy.types.MovieClip, width: int, height: int) -> tuple[Lens, Intrinsics]:
    """The lens of a movie clip's tracking camera.

    Args:
        clip: Movie clip.
        width: Of its picture, pixels.
        height: Likewise.

    Returns:
        Its distortion and its intrinsics; whether anybody calibrated or solved them is not asked.
    """
    camera = clip.tracking.camera
    across, up = camera.principal_point_pixels  # type: ignore[misc]  # it has items
    focal = camera.focal_length_pixels
    intrinsics = Intrinsics(focal, focal * camera.pixel_aspect, across, height - up, width, height)
    model = camera.distortion_model
    k = tuple(getattr(camera, name) for name in _COEFFICIENTS[model])
    p = (camera.brown_p1, camera.brown_p2) if model == "BROWN" else (0.0, 0.0)
    return Lens(model, k, p), intrinsics
