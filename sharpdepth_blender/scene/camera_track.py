"""Camera track: a camera at other frames than the scene's current one."""

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix

from ..geometry import Intrinsics
from .camera import camera_data, camera_intrinsics, camera_matrix, spans_width
from .evaluation import depsgraph_of, evaluated
from .isolated_scene import isolated_scene

# A camera stands still up to this, as single precision has places and lenses.
_STILL = 1e-5


@dataclass(frozen=True)
class CameraView:
    """A camera at a frame.

    Attributes:
        intrinsics: Of the frame that the viewport shows.
        spans_width: Whether its sensor is fitted to the width of that frame, not its height.
        matrix: World matrix, without the object's scale.
    """

    intrinsics: Intrinsics
    spans_width: bool
    matrix: Matrix


def camera_track(
    scene: bpy.types.Scene, camera: bpy.types.Object, frames: Sequence[int]
) -> dict[int, CameraView]:
    """A camera at each of some frames; the scene stays at its own.

    Args:
        scene: Its render size and pixel aspect count.
        camera: Perspective camera.
        frames: Frames of the scene.

    Raises:
        CameraError: The camera is no perspective one.
    """
    views = {}
    with isolated_scene(scene, [camera]) as bare:
        bare.camera = camera
        for frame in frames:
            bare.frame_set(frame)
            shown = camera.evaluated_get(depsgraph_of(bare))
            views[frame] = CameraView(
                camera_intrinsics(bare, shown, percentage=100),
                spans_width(bare, shown),
                camera_matrix(bare, camera),
            )
    return views


def matrix_at(scene: bpy.types.Scene, camera: bpy.types.Object, frame: int) -> Matrix:
    """World matrix of a camera of any kind at a frame, without its scale; the scene stays."""
    with isolated_scene(scene, [camera]) as bare:
        bare.camera = camera
        bare.frame_set(frame)
        return camera_matrix(bare, camera)


def is_still(scene: bpy.types.Scene, camera: bpy.types.Object, frame: int) -> bool:
    """Whether a camera of any kind stood at a frame, and saw, as it does now."""
    now = _stands(evaluated(scene, camera))
    with isolated_scene(scene, [camera]) as bare:
        bare.camera = camera
        bare.frame_set(frame)
        then = _stands(camera.evaluated_get(depsgraph_of(bare)))
    return bool(np.allclose(now, then, rtol=_STILL, atol=_STILL))


def _stands(camera: bpy.types.Object) -> list[float]:
    """The place of an evaluated camera, and its lens."""
    data = camera_data(camera)
    lens = data.lens, data.sensor_width, data.sensor_height, data.shift_x, data.shift_y
    return [*np.array(camera.matrix_world.normalized()).ravel(), *lens]
