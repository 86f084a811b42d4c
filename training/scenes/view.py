"""Random views near a shot's camera, clear of obstacles."""

import numpy as np
from mathutils import Matrix, Vector

# Maximum offsets in either direction: position, as a fraction of the median distance seen by the
# camera; rotation [rad] about the camera's x, y and z axes; logarithm of the focal length.
STEP = 0.08
TURN = np.radians([3.0, 4.0, 1.5])
ZOOM = 0.15
SHARES = np.linspace(1, 0, 9)  # fractions of those offsets, in the order they are tried
CLOSER = 2.0  # the minimum and the mean distance may shrink by this factor


def stand_near(rng, scene, graph, camera, shot_camera):
    """Set a camera to the pose and focal length of another, with random offsets.

    If the path between them is blocked, or the new view is less clear than `CLOSER` allows, smaller
    offsets are tried, down to none.

    Args:
        rng: numpy Generator.
        scene: Scene that provides render size and geometry.
        graph: Evaluated dependency graph of the scene at the frame.
        camera: Camera object to set, without parent; lens and shift are set too.
        shot_camera: Evaluated camera object of the shot.
    """
    pose = shot_camera.matrix_world.normalized()
    _copy_lens(camera.data, shot_camera.data)
    lens = camera.data.lens
    camera.matrix_world = pose
    seen = _distances(scene, graph, camera)
    typical = np.median(seen[np.isfinite(seen)]) if np.isfinite(seen).any() else 0.0
    for share in SHARES:
        step = Vector(rng.uniform(-1, 1, 3) * share * STEP * typical)
        turn = rng.uniform(-1, 1, 3) * share * TURN
        camera.matrix_world = pose @ Matrix.Translation(step) @ _turned(turn)
        camera.data.lens = lens * np.exp(rng.uniform(-1, 1) * share * ZOOM)
        if share == 0 or (
            _is_open(scene, graph, pose.translation, camera.matrix_world.translation)
            and _is_clear(_distances(scene, graph, camera), seen)
        ):
            return


def _copy_lens(data, source):
    for name in ("sensor_fit", "sensor_width", "sensor_height", "lens", "shift_x", "shift_y"):
        setattr(data, name, getattr(source, name))
    data.clip_start, data.clip_end = source.clip_start, source.clip_end


def _turned(angles):
    x, y, z = (Matrix.Rotation(angle, 4, axis) for angle, axis in zip(angles, "XYZ", strict=True))
    return y @ x @ z


def _distances(scene, graph, camera):
    """Return the hit distances of a 7 x 5 grid of rays through the frame; inf for a miss."""
    right_top, _, left_bottom, left_top = camera.data.view_frame(scene=scene)
    origin, turn = camera.matrix_world.translation, camera.matrix_world.to_3x3()
    distances = []
    for x in np.linspace(0.02, 0.98, 7):
        for y in np.linspace(0.02, 0.98, 5):
            ray = left_top + (right_top - left_top) * x + (left_bottom - left_top) * y
            hit, where, *_ = scene.ray_cast(graph, origin, turn @ ray)
            distances.append((where - origin).length if hit else np.inf)
    return np.array(distances)


def _is_open(scene, graph, start, end):
    """Whether the path between two points, and as far again beyond the second, is free."""
    way = end - start
    return not way.length or not scene.ray_cast(graph, start, way, distance=2 * way.length)[0]


def _is_clear(distances, before):
    """Whether minimum and (harmonic) mean distance are not much smaller than before."""
    near, near_before = 1 / distances, 1 / before
    return near.max() <= CLOSER * near_before.max() and near.mean() <= CLOSER * near_before.mean()
