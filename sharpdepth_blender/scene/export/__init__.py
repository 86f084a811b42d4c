"""Export: results, their cameras and any other mesh as files that other programs read."""

from .alembic import export_alembic
from .chan import export_chan
from .choice import camera_of, cameras_of, meshes_of
from .exr import export_depth, export_exr
from .formats import DEPTH, FORMATS, Format, format_of
from .gltf import export_gltf
from .package import export_package
from .ply import export_ply
from .splats import export_splats
from .usd import export_usd

__all__ = [
    "DEPTH",
    "FORMATS",
    "Format",
    "camera_of",
    "cameras_of",
    "export_alembic",
    "export_chan",
    "export_depth",
    "export_exr",
    "export_gltf",
    "export_package",
    "export_ply",
    "export_splats",
    "export_usd",
    "format_of",
    "meshes_of",
]
