"""Pictures and depth to points and surfaces. numpy only: knows nothing of Blender or torch.

Depth is z-depth in metres, shape (H, W), row 0 at the top; points are in Blender's camera space.
"""

from .intrinsics import Intrinsics
from .ply import write_ply
from .projection import project, unproject
from .replacing import replacing
from .surface import Surface, build_surface

__all__ = [
    "Intrinsics",
    "Surface",
    "build_surface",
    "project",
    "replacing",
    "unproject",
    "write_ply",
]
