"""Files of measured points, such as a survey's, a scanner's or COLMAP's, as a picture has them.

Points are either x, y, z in the camera's space (x right, y down, z forward) or u, v, z: pixels of
the picture, the center of the top-left one at (0.5, 0.5), and z-depth.
"""

from .colmap import WORST_ERROR, is_colmap, read_colmap
from .errors import PointFileError
from .ply import read_ply
from .seen import pixels_of, seen_in
from .table import read_table

__all__ = [
    "WORST_ERROR",
    "PointFileError",
    "is_colmap",
    "pixels_of",
    "read_colmap",
    "read_ply",
    "read_table",
    "seen_in",
]
