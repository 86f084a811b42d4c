"""Projection: a picture thrown from a camera of its own onto whatever geometry there is."""

from .baking import bake_projection
from .projection import add_projection, projection_intrinsics, update_projection
from .stack import (
    ProjectionError,
    is_projection,
    move_projection,
    projections_of,
    remove_projection,
)

__all__ = [
    "ProjectionError",
    "add_projection",
    "bake_projection",
    "is_projection",
    "move_projection",
    "projection_intrinsics",
    "projections_of",
    "remove_projection",
    "update_projection",
]
