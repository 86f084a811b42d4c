"""Planes: the flat parts of a picture with depth, such as floor, walls and ceiling."""

from .find import NO_PLANE, Planes, find_planes
from .fit import Fit, fit_plane
from .flatten import flatten, plane_disparity
from .names import name_planes
from .plane import Plane
from .polygon import frame_polygon

__all__ = [
    "NO_PLANE",
    "Fit",
    "Plane",
    "Planes",
    "find_planes",
    "fit_plane",
    "flatten",
    "frame_polygon",
    "name_planes",
    "plane_disparity",
]
