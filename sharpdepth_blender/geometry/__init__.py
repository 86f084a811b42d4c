"""Pictures and depth to points and surfaces. numpy only: knows nothing of Blender or torch.

Depth is z-depth in meters, shape (H, W), row 0 at the top; points are in Blender's camera space.
"""

from .depth_remap import DepthRemap, shape_depth
from .exr import exr_content, round_to_24_bits, write_exr
from .floor import Floor, find_floor
from .intrinsics import Intrinsics
from .measurement import clean_measurement, fit_measurement, has_proportions
from .placement import Placement, View, view_of_background
from .ply import write_ply
from .png import png_content
from .projection import project, unproject, valid_depth
from .ray_length import depth_of_ray, length_of_ray, measured_along
from .sampling import nearest, sample_counts, thin
from .stretching import stretch, surface_normals
from .surface import Surface, build_surface
from .visibility import visible_from

__all__ = [
    "Floor",
    "Intrinsics",
    "Placement",
    "DepthRemap",
    "Surface",
    "View",
    "build_surface",
    "clean_measurement",
    "depth_of_ray",
    "exr_content",
    "find_floor",
    "fit_measurement",
    "has_proportions",
    "length_of_ray",
    "measured_along",
    "round_to_24_bits",
    "visible_from",
    "nearest",
    "png_content",
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
