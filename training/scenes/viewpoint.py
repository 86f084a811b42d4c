"""Views into a scene from near and far, low and high, up and down."""

import bpy
import numpy as np
from mathutils import Euler, Vector

from .camera import NoFreePlaceError, is_in_house, new_camera

FIELDS = (20.0, 100.0)  # degrees across the longer side
TYPICAL, SPREAD = 58.0, 0.33  # degrees; of the logarithm
FARTHEST = 5000.0  # meters that are rendered


def stand(rng, propose, closest: float, typical: float):
    """Place a new camera at the first proposed pose with a free view.

    Args:
        rng: numpy Generator.
        propose: Function that draws a position, and yaw from +y and pitch above the horizon, both
            in radians, for a given generator.
        closest: Minimum distance of what is seen, meters.
        typical: Minimum of its median, meters. At least two objects are seen.

    Raises:
        NoFreePlaceError: none of 60 poses is free.
    """
    field = np.clip(TYPICAL * np.exp(rng.normal(0, SPREAD)), *FIELDS)
    camera = new_camera(field, FARTHEST)
    for _ in range(60):
        position, yaw, pitch = propose(rng)
        roll = np.clip(rng.normal(0, 0.025), -0.087, 0.087)
        camera.rotation_mode = "XYZ"
        camera.rotation_euler = Euler((np.pi / 2 + pitch, 0, yaw))
        camera.matrix_world = (
            camera.rotation_euler.to_matrix() @ Euler((0, 0, roll)).to_matrix()
        ).to_4x4()
        camera.matrix_world.translation = Vector(position)
        bpy.context.view_layer.update()
        seen, things = _seen(camera)
        clear = seen.min() > closest and np.median(seen) > typical
        if clear and len(things) > 1 and not is_in_house(camera):
            return camera
    raise NoFreePlaceError("no free space for the camera in this scene")


def toward(position, target) -> tuple[float, float]:
    """Return yaw from +y and pitch of the view from a position to a target, radians."""
    x, y, z = np.asarray(target, float) - np.asarray(position, float)
    return float(np.arctan2(-x, y)), float(np.arctan2(z, np.hypot(x, y)))


def _seen(camera):
    """Cast a 7 x 7 grid of rays; return their distances (inf for a miss), and the objects hit."""
    scene, graph = bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    half = np.tan(camera.data.angle / 2)
    origin, turn = camera.matrix_world.translation, camera.matrix_world.to_3x3()
    distances, things = [], set()
    for x in np.linspace(-0.9, 0.9, 7):
        for y in np.linspace(-0.75, 0.75, 7):
            ray = (turn @ Vector((x * half, y * half, -1))).normalized()
            hit, where, _, _, thing, _ = scene.ray_cast(graph, origin, ray)
            distances.append((where - origin).length if hit else np.inf)
            things |= {thing.name} if hit else set()
    return np.array(distances), things
