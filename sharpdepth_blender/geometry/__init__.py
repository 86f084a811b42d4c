"""Pictures and depth to points and surfaces. numpy only: knows nothing of Blender or torch.

Depth is z-depth in meters, shape (H, W), row 0 at the top; points are in Blender's camera space.
"""

from .exr import write_exr
from .intrinsics import Intrinsics
from .measurement import clean_measurement, fit_measurement, has_proportions
from .placement import Placement, View, view_of_background
from .ply import write_ply
from .projection import project, unproject, valid_depth
from .sampling import nearest, sample_counts, thin
from .shaping import Shaping, shape_depth
from .sight import in_sight
from .stretching import stretch, surface_normals
from .surface import Surface, build_surface

__all__ = [
    "Intrinsics",
    "Placement",
    "Shaping",
    "Surface",
    "View",
    "build_surface",
    "clean_measurement",
    "fit_measurement",
    "has_proportions",
    "in_sight",
    "nearest",
    "project",
    "sample_counts",
    "shape_depth",
    "stretch",
    "surface_normals",
    "thin",
    "unproject",
    "valid_depth",
    "view_of_background",
    "write_exr",
    "write_ply",
]
