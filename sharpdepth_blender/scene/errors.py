"""Errors of the scene room: the message is a sentence for the user, `kind` a word for code."""

import os
from typing import Self

from bpy.app.translations import pgettext_rpt

from ..files import printable


class SceneError(Exception):
    """Something cannot be done in Blender; the message says why.

    Args:
        sentence: Message with the names of values in braces; translated to Blender's language.
        **values: Values to put in the braces.
    """

    kind = "scene"

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(printable(pgettext_rpt(sentence).format(**values)))


class CameraError(SceneError):
    """There is no camera, or it has no pinhole intrinsics."""

    kind = "bad_camera"


class DepthFileError(SceneError):
    """A depth file cannot be read."""

    kind = "bad_depth"


class DamagedFile(SceneError):
    """A picture file that Blender would not survive."""

    kind = "bad_source"
    sentence = "The picture {path} is damaged or breaks off."

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(self.sentence, path=path)


class LargeFile(DamagedFile):
    """A picture file whose pixels would take the memory that others need."""

    sentence = "The picture {path} needs more memory than is free: save it smaller."


class TracksError(SceneError):
    """A picture has no solved tracks."""

    kind = "bad_tracks"


class SaveError(SceneError):
    """A file cannot be written; an earlier file of that name is left as it was."""

    kind = "unwritable"
    why = ""  # what was said of the file, where it was made by `of`

    @classmethod
    def of(cls, path: str | os.PathLike[str], error: Exception | str) -> Self:
        """Make the error for `path` from what the operating system or Blender said."""
        why = reason(error)
        made = cls("The file {path} cannot be written: {why}", path=path, why=why)
        made.why = why
        return made


def reason(error: Exception | str) -> str:
    """What the operating system or Blender said, as one sentence."""
    words = getattr(error, "why", None) or getattr(error, "strerror", None) or str(error).strip()
    words = words or "Unknown error"
    words = words.splitlines()[0].removeprefix("Error: ")  # Blender goes on about what follows
    return words if words.endswith(".") else words + "."
