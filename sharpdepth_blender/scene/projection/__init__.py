"""Projection: a picture projected from its own camera onto any geometry."""

from .baking import bake_projection
from .errors import ProjectionError
from .material_nodes import is_projection
from .origin import shot_of_camera, shot_of_result
from .projection import add_projection, projection_intrinsics, update_projection
from .projection_list import (
    move_projection,
    projection_nodes,
    projections_of,
    remove_projection,
)
from .projector import camera_of, depth_of, picture_of

__all__ = [
    "ProjectionError",
    "add_projection",
    "bake_projection",
    "camera_of",
    "depth_of",
    "is_projection",
    "move_projection",
    "picture_of",
    "projection_intrinsics",
    "projection_nodes",
    "projections_of",
    "remove_projection",
    "shot_of_camera",
    "shot_of_result",
    "update_projection",
]
