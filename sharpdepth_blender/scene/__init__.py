"""Pictures and depth as things in a Blender scene. The room that speaks bpy for the others."""

from .blank import blank_scene
from .camera import camera_for, camera_intrinsics, camera_matrix, frame_scene
from .errors import CameraError, DepthFileError, SaveError, SceneError
from .exr import read_depth_exr, write_depth_exr
from .result import add_depth_result
from .saving import save_blend
from .view import render_view

__all__ = [
    "CameraError",
    "DepthFileError",
    "SaveError",
    "SceneError",
    "add_depth_result",
    "blank_scene",
    "camera_for",
    "camera_intrinsics",
    "camera_matrix",
    "frame_scene",
    "read_depth_exr",
    "render_view",
    "save_blend",
    "write_depth_exr",
]
