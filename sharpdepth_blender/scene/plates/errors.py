"""Errors of sources."""

from ..errors import SceneError


class SourceError(SceneError):
    """There is no picture, or it cannot be read."""

    kind = "bad_source"
