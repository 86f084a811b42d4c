"""Errors of projections."""

from ..errors import SceneError


class ProjectionError(SceneError):
    """A projection cannot be made, changed or baked."""

    kind = "bad_projection"
