"""Placement of the scene camera."""

import bpy
import numpy as np
from mathutils import Matrix, Vector


class NoFreePlaceError(RuntimeError):
    """The scene is too crowded to place the camera."""


FIELDS = (35.0, 80.0)  # degrees across the longer side
FARTHEST = 2000.0  # meters that are rendered
CLOSEST = 0.6  # meters of free space in front of the camera


def stand_in_room(rng, width: float, depth: float, height: float):
    """Place the camera near a wall or corner, looking across the room."""
    camera = new_camera(rng.uniform(*FIELDS), FARTHEST)
    for _ in range(60):
        margin = rng.uniform(0.25, 0.7)
        x = rng.choice([margin, width - margin, rng.uniform(margin, width - margin)])
        y = rng.choice([margin, depth - margin, rng.uniform(margin, depth - margin)])
        z = np.clip(rng.normal(1.5, 0.18), 0.9, height - 0.4)
        target = (width / 2 + rng.normal(0, 0.8), depth / 2 + rng.normal(0, 0.8))
        if np.hypot(target[0] - x, target[1] - y) < 1.3:
            continue
        _aim(camera, (x, y, z), (*target, z), rng.normal(-0.12, 0.12), rng.normal(0, 0.015))
        if _is_free(camera, 2.0):
            return camera
    raise NoFreePlaceError("no free space for the camera in this room")


def stand_outdoors(rng):
    """Place the camera near the origin at eye height, looking along +y."""
    camera = new_camera(rng.uniform(*FIELDS), FARTHEST)
    for _ in range(60):
        position = (
            rng.normal(0, 0.8),
            rng.uniform(-2.5, 0.5),
            np.clip(rng.normal(1.6, 0.2), 1, 2.4),
        )
        aside = rng.normal(0, 0.22)
        target = (position[0] + np.sin(aside), position[1] + np.cos(aside), position[2])
        _aim(camera, position, target, rng.normal(-0.05, 0.09), rng.normal(0, 0.015))
        if _is_free(camera, 3.0) and not is_in_house(camera):
            return camera
    raise NoFreePlaceError("no free space for the camera outdoors")


def new_camera(field: float, clip_end: float) -> bpy.types.Object:
    """Add a camera and make it the scene's.

    Args:
        field: Field of view across the longer side, degrees.
        clip_end: Meters.
    """
    data = bpy.data.cameras.new("camera")
    data.sensor_fit, data.sensor_width = "AUTO", 36.0
    data.angle = np.radians(field)
    data.clip_start, data.clip_end = 0.01, clip_end
    camera = bpy.data.objects.new("camera", data)
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    return camera


def is_in_house(camera) -> bool:
    """Whether the camera is inside a house, which has no inside."""
    scene, graph = bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    hit, *_, above, _ = scene.ray_cast(graph, camera.matrix_world.translation, (0, 0, 1))
    return hit and above.name.startswith("house")


def _aim(camera, position, target, pitch, roll):
    flat = Vector(target) - Vector(position)
    level = flat.to_track_quat("-Z", "Y").to_matrix().to_4x4()
    turn = Matrix.Rotation(pitch, 4, "X") @ Matrix.Rotation(roll, 4, "Z")
    camera.matrix_world = Matrix.Translation(position) @ level @ turn
    bpy.context.view_layer.update()


def _is_free(camera, typical):
    """Cast a few rays to check that nothing is too close and the view is open enough."""
    scene, graph = bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    half = np.tan(camera.data.angle / 2)
    origin, turn = camera.matrix_world.translation, camera.matrix_world.to_3x3()
    distances = []
    for x in np.linspace(-0.9, 0.9, 5):
        for y in np.linspace(-0.7, 0.7, 5):
            ray = (turn @ Vector((x * half, y * half, -1))).normalized()
            hit, where, *_ = scene.ray_cast(graph, origin, ray)
            distances.append((where - origin).length if hit else 1000.0)
    return min(distances) > CLOSEST and np.median(distances) > typical
