"""Path: where a camera is, and what it sees, at each frame."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import bpy
from mathutils import Matrix

from ...geometry import Intrinsics
from ..camera import camera_intrinsics, camera_matrix
from ..camera_at import camera_cuts
from ..errors import CameraError
from ..evaluation import depsgraph_of
from ..isolated_scene import isolated_scene
from ..units import meters_per_unit

_Y_UP = Matrix.Rotation(math.radians(-90), 4, "X")


@dataclass(frozen=True)
class Pose:
    """A camera at a frame.

    Attributes:
        frame: Of the scene.
        matrix: World matrix without scale, in Blender's axes and meters.
        intrinsics: Of the rendered frame.
        lens: Millimeters.
        focus: Distance in meters.
    """

    frame: int
    matrix: Matrix
    intrinsics: Intrinsics
    lens: float
    focus: float

    @property
    def y_up(self) -> Matrix:
        """The world matrix where y is up and Blender's y is -z."""
        return y_up(self.matrix)

    @property
    def vertical_fov(self) -> float:
        """Degrees, of a frame in whose middle the optical axis is."""
        return math.degrees(2 * math.atan(self.intrinsics.height / 2 / self.intrinsics.fy))

    @property
    def is_shifted(self) -> bool:
        """Whether the optical axis is elsewhere than in the middle of the frame."""
        known = self.intrinsics
        off = abs(known.cx - known.width / 2) + abs(known.cy - known.height / 2)
        return off > 1e-3

    def looks_like(self, other: "Pose") -> bool:
        """Whether nothing but the frame differs."""
        return (self.matrix, self.intrinsics, self.lens, self.focus) == (
            other.matrix, other.intrinsics, other.lens, other.focus,
        )  # fmt: skip


def y_up(matrix: Matrix) -> Matrix:
    """A world matrix where y is up and Blender's y is -z."""
    return _Y_UP @ matrix


def turns(
    matrices: Iterable[Matrix], order: Literal["ZXY", "ZYX"]
) -> list[tuple[float, float, float]]:
    """Angles about x, y and z in degrees, each next to those before, in an order of axes."""
    found: list[tuple[float, float, float]] = []
    before = None
    for matrix in matrices:
        before = matrix.to_euler(order, before) if before else matrix.to_euler(order)
        x, y, z = before[:]
        found.append((math.degrees(x), math.degrees(y), math.degrees(z)))
    return found


def camera_path(scene: bpy.types.Scene, camera: bpy.types.Object) -> list[Pose]:
    """A camera at every frame of its scene.

    Nothing but the camera and what it depends on is computed, and the scene stays at its frame.

    Args:
        scene: Its frame range, render size and unit scale count.
        camera: Of that scene.

    Returns:
        A pose for each frame, at least one.

    Raises:
        CameraError: The camera is no perspective one.
    """
    camera_intrinsics(scene, camera)  # raises before anything is made
    with isolated_scene(scene, [camera]) as bare:
        bare.camera = camera
        return [_pose(bare, camera, frame) for frame in frames_of(scene)]


def rendered_path(scene: bpy.types.Scene) -> list[Pose]:
    """The camera that renders each frame of a scene, where markers switch it another one.

    Args:
        scene: As for `camera_path`.

    Returns:
        A pose for each frame, at least one.

    Raises:
        CameraError: There is no camera, or one is no perspective one.
    """
    frames = frames_of(scene)
    starts, cameras = zip(*camera_cuts(scene, frames), strict=True)
    paths = {}
    for camera in dict.fromkeys(cameras):
        if camera is None:
            raise CameraError("The scene {scene} has no camera.", scene=scene.name)
        paths[camera] = camera_path(scene, camera)
    ends = [*starts[1:], frames[-1] + 1]
    return [
        pose
        for camera, start, end in zip(cameras, starts, ends, strict=True)
        for pose in paths[camera][start - frames[0] : end - frames[0]]
    ]


def frames_of(scene: bpy.types.Scene) -> range:
    """The frames of a scene, at least one."""
    return range(scene.frame_start, max(scene.frame_start, scene.frame_end) + 1)


def _pose(scene: bpy.types.Scene, camera: bpy.types.Object, frame: int) -> Pose:
    scene.frame_set(frame)
    unit = meters_per_unit(scene)
    matrix = camera_matrix(scene, camera)
    matrix.translation = matrix.translation * unit
    shown = camera.evaluated_get(depsgraph_of(scene))
    return Pose(
        frame,
        matrix,
        camera_intrinsics(scene, shown),
        shown.data.lens,
        shown.data.dof.focus_distance * unit,
    )
