"""Errors of the scene room: a message is one sentence for the user, a kind one word for code."""

import os
from typing import Self

from bpy.app.translations import pgettext_rpt


class SceneError(Exception):
    """What was asked cannot be done in Blender; the message says why.

    Args:
        sentence: For the user, with the names of values in braces; looked up in Blender's language.
        **values: That go there.
    """

    kind = "scene"

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(pgettext_rpt(sentence).format(**values))


class CameraError(SceneError):
    """There is no camera, or it has no pinhole intrinsics."""

    kind = "bad_camera"


class DepthFileError(SceneError):
    """A depth file cannot be read."""

    kind = "bad_depth"


class TracksError(SceneError):
    """There are no solved tracks of a picture."""

    kind = "bad_tracks"


class SaveError(SceneError):
    """A file cannot be written; what stood there before still stands."""

    kind = "unwritable"

    @classmethod
    def of(cls, path: str | os.PathLike[str], error: Exception | str) -> Self:
        """Say why `path` cannot be written, in the words of the system or of Blender."""
        return cls("The file {path} cannot be written: {why}", path=path, why=reason(error))


def reason(error: Exception | str) -> str:
    """What went wrong, in one sentence of the operating system or of Blender."""
    words = (getattr(error, "strerror", None) or str(error)).strip().removeprefix("Error: ")
    return words if words.endswith(".") else words + "."
