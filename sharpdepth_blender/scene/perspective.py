"""Perspective: what takes a picture of a pinhole camera, and so no panorama."""

import bpy

from .errors import SceneError
from .result_marks import is_panoramic


class PerspectiveError(SceneError):
    """What is to be done with a panorama takes a perspective picture."""

    kind = "panorama"


def check_perspective(obj: bpy.types.Object) -> None:
    """Raise PerspectiveError if a result is of a panorama."""
    if is_panoramic(obj):
        raise PerspectiveError(
            "{obj} is a panorama, and this takes a perspective picture.", obj=obj.name
        )
