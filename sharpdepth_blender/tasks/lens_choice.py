"""Lens choice: through which lens a picture was taken, or whether it is a panorama."""

from collections.abc import Sequence
from dataclasses import dataclass

from bpy.app.translations import pgettext_rpt

from ..geometry.panorama import AROUND, has_panorama_shape, is_panorama
from ..scene import CameraError
from ..scene.guessed_lens import guess_note, has_guessed_lens
from ..scene.shot import Shot
from ..scene.taken import find_camera
from .lens_notes import Lens

_PERHAPS_AROUND = (
    "The picture has the shape of a panorama, but its edges do not meet, so it was taken for a "
    "plate: if it is a panorama, choose New Panoramic Camera."
)


@dataclass(frozen=True)
class LensChoice:
    """What is taken for the camera of a picture.

    Attributes:
        shot: With the intrinsics that are known, and notes about what was taken.
        lens: Who says so.
        is_around: Whether the picture is a panorama, which has none.
    """

    shot: Shot
    lens: Lens
    is_around: bool = False


def choose_lens(
    shot: Shot,
    *,
    fov: float | None,
    known: Sequence[float] | None,
    is_measured: bool,
    focal_35mm: float | None,
    says_around: bool,
) -> LensChoice:
    """Take the lens that the user says, else the camera, else the file; else the model finds it.

    That of a camera that we made, and whose lens nothing told then, is noted as a guess still. A
    picture of which none of the first two says anything is a panorama where its file says so, or
    where it goes on across its edges.

    Args:
        shot: The picture.
        fov: Degrees across its longer side, `AROUND` of a panorama; None if the user gives none.
        known: (fx, fy, cx, cy) in pixels, likewise.
        is_measured: Whether depth or points of it are given.
        focal_35mm: By its file, 35 mm equivalent millimeters.
        says_around: Whether its file says that it is a panorama.

    Raises:
        CameraError: The picture cannot be the panorama that the user says it is.
    """
    if fov == AROUND:
        _check_around(shot, is_measured)
        return LensChoice(shot, "given", is_around=True)
    if known:
        return LensChoice(shot.with_intrinsics(known), "given")
    if fov:
        return LensChoice(shot.with_fov(fov), "given")
    if shot.intrinsics is not None:
        camera = find_camera(shot.taken)
        if camera is not None and has_guessed_lens(camera):
            shot = shot.noting([guess_note(camera)])
        return LensChoice(shot, "camera")
    if not is_measured and shot.matrix is None and has_panorama_shape(*shot.size):
        if says_around or is_panorama(shot.rgb):
            return LensChoice(shot, "model", is_around=True)
        shot = shot.noting([pgettext_rpt(_PERHAPS_AROUND)])
    if focal_35mm:
        return LensChoice(shot.with_focal_35mm(focal_35mm), "file")
    return LensChoice(shot, "model")


def _check_around(shot: Shot, is_measured: bool) -> None:
    """Make sure that a picture can be the panorama that somebody says it is."""
    width, height = shot.size
    if not has_panorama_shape(width, height):
        raise CameraError(
            "A panorama all around is twice as wide as high, and {name} has {width} x {height} "
            "pixels.",
            name=shot.name,
            width=width,
            height=height,
        )
    if is_measured:
        raise CameraError(
            "{name} is a panorama, and what was measured is of a perspective picture.",
            name=shot.name,
        )
