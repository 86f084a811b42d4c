"""Errors of sequences."""

from ..errors import SceneError


class SequenceError(SceneError):
    """Frames cannot be read or kept, or do not go together."""

    kind = "bad_sequence"
