"""Planes: the flat parts of a picture with depth, such as floor, walls and ceiling."""

from .continuation import continue_planes_of
from .find import NO_PLANE, Planes, find_planes
from .fit import Fit, fit_plane
from .flatten import FlatDepth, flatten
from .names import CEILING, FLOOR, OTHER, WALL, name_planes
from .plane import Plane

__all__ = [
    "CEILING",
    "FLOOR",
    "NO_PLANE",
    "OTHER",
    "Fit",
    "FlatDepth",
    "Plane",
    "Planes",
    "WALL",
    "continue_planes_of",
    "find_planes",
    "fit_plane",
    "flatten",
    "name_planes",
]
