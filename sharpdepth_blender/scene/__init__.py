"""Pictures and depth in a Blender scene. The only room below tasks that uses bpy."""

from .bake import bake_result
from .blank import blank_scene
from .camera import (
    camera_for,
    camera_intrinsics,
    camera_matrix,
    frame_scene,
)
from .errors import CameraError, DepthFileError, SaveError, SceneError, TracksError
from .exr import read_depth_exr, write_depth_exr
from .metric_depth import fit_depth_values, read_depth_values, read_metric_depth
from .metric_points import read_metric_points
from .result import add_depth_result, is_result, remove_result, replace_depth
from .saving import save_blend
from .shot import view_through
from .solved_tracks import SolvedTracks, clip_behind
from .source import Background, background_of, find_background
from .target_result import only_result, target_result
from .view import render_view
from .view_transform import show_plain_colors

__all__ = [
    "Background",
    "CameraError",
    "DepthFileError",
    "SaveError",
    "SceneError",
    "SolvedTracks",
    "TracksError",
    "add_depth_result",
    "background_of",
    "bake_result",
    "blank_scene",
    "camera_for",
    "camera_intrinsics",
    "camera_matrix",
    "clip_behind",
    "find_background",
    "fit_depth_values",
    "frame_scene",
    "is_result",
    "only_result",
    "read_depth_exr",
    "read_depth_values",
    "read_metric_depth",
    "read_metric_points",
    "remove_result",
    "render_view",
    "replace_depth",
    "save_blend",
    "show_plain_colors",
    "target_result",
    "view_through",
    "write_depth_exr",
]
