"""Errors of sources."""

from ..errors import SceneError


class SourceError(SceneError):
    """There is no picture, or it cannot be read."""

    kind = "bad_source"


class UnreadableFile(SourceError):
    """A file of a kind that Blender does not read; the engine may.

    Attributes:
        path: Of the file.
    """

    def __init__(self, path: str):
        super().__init__("Blender cannot read the file {path}.", path=path)
        self.path = path
