"""The repository root is the Blender extension; the add-on is the package inside it."""

from .sharpdepth_blender import register, unregister

__all__ = ["register", "unregister"]
