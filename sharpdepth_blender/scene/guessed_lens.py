"""Guessed lens: that of a camera that we made, where nothing told the lens of its picture."""

import math

import bpy
from bpy.app.translations import pgettext_rpt

from .camera import camera_data

# Custom property of a camera's data: the lens as it was guessed.
_GUESSED = "sharpdepth_guessed_lens"
_SAME = 1e-6


def keep_guess(camera: bpy.types.Object, guessed: bool) -> None:
    """Keep with a camera that we made, and gave its lens just now, whether that is a guess."""
    data = camera_data(camera)
    if guessed:
        data[_GUESSED] = _lens_of(data)
    elif _GUESSED in data.keys():
        del data[_GUESSED]


def has_guessed_lens(camera: bpy.types.Object | None) -> bool:
    """Whether a camera has the lens still that was guessed; one that somebody set is known."""
    if camera is None or not isinstance(camera.data, bpy.types.Camera):
        return False
    kept = camera.data.get(_GUESSED)
    return kept is not None and all(
        math.isclose(one, other, rel_tol=_SAME, abs_tol=_SAME)
        for one, other in zip(kept, _lens_of(camera.data), strict=True)
    )


def guess_note(camera: bpy.types.Object) -> str:
    """A sentence about the field of view that was guessed for a camera."""
    data = camera_data(camera)
    # Its sensor is the picture's.
    longer = max(data.sensor_width, data.sensor_height)
    degrees = math.degrees(2 * math.atan(longer / 2 / data.lens))
    return pgettext_rpt(
        "Nothing tells the lens: the field of view of {degrees} degrees was guessed when the "
        "camera {camera} was made. If you know it, set the camera's lens and generate again."
    ).format(degrees=f"{degrees:.1f}", camera=camera.name)


def _lens_of(data: bpy.types.Camera) -> list[float]:
    return [data.lens, data.sensor_width, data.sensor_height, data.shift_x, data.shift_y]
