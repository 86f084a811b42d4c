"""Errors of projections."""

from ..errors import SceneError


class ProjectionError(SceneError):
    """A projection cannot be made, changed or baked so."""

    kind = "bad_projection"
