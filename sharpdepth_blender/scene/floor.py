"""Floor: the world turned so that the ground of a picture is level and at height zero."""

from collections.abc import Sequence

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ..geometry import Floor
from ..geometry.axes import other_axes
from .errors import SceneError
from .layers.layer_root import is_layers
from .linked import check_local
from .result import is_result

_SAME = 1e-4  # of matrices, by which what stands at one camera's place is told


class FloorError(SceneError):
    """A floor cannot be set like this."""

    kind = "bad_floor"


def leveled_pose(floor: Floor, units_per_meter: float) -> Matrix:
    """World matrix of a camera that stands above a level floor at z = 0 and looks along +y.

    Args:
        floor: In the camera's space.
        units_per_meter: Blender units of a meter.
    """
    up = other_axes(np.array(floor.up))
    ahead = np.array((0.0, 0.0, -1.0))
    ahead -= ahead @ up * up
    ahead /= np.linalg.norm(ahead)
    turn = Matrix(np.stack([np.cross(ahead, up), ahead, up]).tolist())
    return Matrix.Translation((0, 0, floor.height * units_per_meter)) @ turn.to_4x4()


def set_floor(
    scene: bpy.types.Scene, result: bpy.types.Object, points: Sequence[Sequence[float]]
) -> list[bpy.types.Object]:
    """Turn a result with its camera until points of it lie on a level floor at z = 0.

    The camera keeps its place above the ground, seen from above, and its heading as far as the turn
    allows. Everything that stands where the camera stood goes along: the camera that took the
    picture, layers that were split from the result, and further results through that camera.

    Args:
        scene: Scene of the result.
        result: Result, live or baked.
        points: World positions of three points of the floor or more, to which a plane is fitted
            that the few that lie off it hardly move.

    Returns:
        The objects that were turned.

    Raises:
        FloorError: The points lie on a line, or something else moves an object.
        LinkedError: An object is linked from another file.
    """
    normal, middle = _plane(np.array(points, float))
    eye = result.matrix_world.translation
    if normal.dot(eye - middle) < 0:
        normal = -normal
    turn = normal.rotation_difference(Vector((0, 0, 1))).to_matrix().to_4x4()
    height = normal.dot(eye - middle)
    change = Matrix.Translation((eye.x, eye.y, height)) @ turn @ Matrix.Translation((-eye)[:])
    objects = companions(scene, result)
    for obj in objects:
        _check_free(obj)
    for obj in objects:
        obj.matrix_world = change @ obj.matrix_world
    return objects


def companions(scene: bpy.types.Scene, result: bpy.types.Object) -> list[bpy.types.Object]:
    """A result and all that stands where its camera stood: cameras, layers, further results."""
    place = result.matrix_world.normalized()
    found = [result]
    for obj in scene.objects:
        belongs = obj.type == "CAMERA" or is_result(obj) or is_layers(obj)
        if belongs and obj != result and _is_same(obj.matrix_world.normalized(), place):
            found.append(obj)
    # What hangs on another of them goes along by itself.
    return [obj for obj in found if not set(_parents(obj)) & set(found)]


def _is_same(one: Matrix, other: Matrix) -> bool:
    size = max(1.0, other.translation.length)
    return np.allclose(np.array(one), np.array(other), rtol=0, atol=_SAME * size)


def _parents(obj: bpy.types.Object) -> list[bpy.types.Object]:
    found = []
    while obj.parent is not None:
        obj = obj.parent
        found.append(obj)
    return found


def _check_free(obj: bpy.types.Object) -> None:
    """Raise SceneError if something else says where an object is."""
    check_local(obj)
    animation = obj.animation_data
    moved = animation is not None and (animation.action is not None or len(animation.drivers) > 0)
    if moved or len(obj.constraints) > 0:
        raise FloorError(
            "{obj} is moved by an animation or a constraint: parent what took the picture to an "
            "empty and turn that.",
            obj=obj.name,
        )


def _plane(points: np.ndarray) -> tuple[Vector, Vector]:
    """Unit normal and a point of the plane through points, by iteratively reweighted least squares.

    Weights are Cauchy's, 1 / (1 + (r / s)^2), with s the median absolute distance to the plane.
    """
    weights = np.ones(len(points))
    normal, middle = np.zeros(3), points.mean(0)
    for _ in range(20):
        middle = np.average(points, axis=0, weights=weights)
        spread = (points - middle) * np.sqrt(weights)[:, None]
        _, sizes, axes = np.linalg.svd(spread, full_matrices=False)
        if len(sizes) < 2 or sizes[1] <= 1e-6 * max(sizes[0], 1e-30):
            raise FloorError("The points of the floor lie on a line: take three that do not.")
        normal = np.cross(axes[0], axes[1])
        distance = np.abs((points - middle) @ normal)
        scale = max(float(np.median(distance)), 1e-9 * float(sizes[0]))
        weights = 1 / (1 + (distance / scale) ** 2)
    return Vector(normal.tolist()).normalized(), Vector(middle.tolist())
