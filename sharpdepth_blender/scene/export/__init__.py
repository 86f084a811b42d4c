"""Export: results, their cameras and any other mesh as files that other programs read."""

from .alembic import export_alembic
from .chan import export_chan
from .exr import export_exr
from .gltf import export_gltf
from .ply import export_ply
from .usd import export_usd

__all__ = [
    "export_alembic",
    "export_chan",
    "export_exr",
    "export_gltf",
    "export_ply",
    "export_usd",
]
