"""Lens notes: which field of view was taken, and why, where a model found another."""

import math
from collections.abc import Sequence
from typing import Literal

from bpy.app.translations import pgettext_rpt

from ..geometry import Intrinsics
from ..scene.sequence import Frames

# Who says what lens took a picture: the user, the scene's camera, the file's EXIF data or a model.
Lens = Literal["given", "camera", "file", "model"]
_APART = 1.1  # ratio of focal lengths from which it is worth a look
_TAKEN = {
    "given": "The field of view of {taken} degrees was given.",
    "camera": "The field of view of {taken} degrees is the camera's.",
    "file": "The field of view of {taken} degrees is from the file's EXIF data, which the camera "
    "wrote.",
    "model": "Nothing tells the lens, so the field of view of {taken} degrees is what the model "
    "finds in the picture.",
}
_FOUND = "The model finds {found} degrees in the picture."
_DIFFERS = (
    "The model finds {found} degrees in the picture, which differs: if the picture was cropped or "
    "resized unevenly, enter the field of view."
)


def lens_of(frames: Frames) -> Lens:
    """Who says what lens took a shot."""
    if not frames.has_camera:
        return "file" if frames.has_lens else "model"
    return "given" if frames.known.get("fov") or frames.known.get("intrinsics") else "camera"


def lens_notes(lens: Lens, taken: Intrinsics, found: Sequence[float] | None) -> list[str]:
    """Tell which field of view was taken beside that which a model found in the picture alone.

    Args:
        lens: Who says what was taken.
        taken: The intrinsics.
        found: (fx, fy, cx, cy) in pixels of the same picture; None if the model finds none.

    Returns:
        A sentence, or none where the model found nothing, or about what the user or the camera
        says.
    """
    if found is None:
        return []
    other = Intrinsics(*found, taken.width, taken.height)
    ratio = math.sqrt(taken.fx * taken.fy / other.fx / other.fy)
    apart = max(ratio, 1 / ratio) > _APART
    if lens in ("given", "camera") and not apart:
        return []
    words = [pgettext_rpt(_TAKEN[lens]).format(taken=f"{taken.fov:.1f}")]
    if lens != "model":
        words.append(pgettext_rpt(_DIFFERS if apart else _FOUND).format(found=f"{other.fov:.1f}"))
    return [" ".join(words)]
