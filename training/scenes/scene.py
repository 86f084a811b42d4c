"""A complete scene from a seed."""

import bpy
import numpy as np

from . import camera, exterior, room
from .light import sky, sun


def build_scene(seed: int) -> bpy.types.Object:
    """Replace the current scene with the scene for this seed and return its camera.

    The same seed gives the same scene. 60% of the scenes are rooms, the others gardens and streets.
    A scene without free space for the camera is redrawn.
    """
    rng = np.random.default_rng(seed)
    while True:
        clear()
        indoors = rng.random() < 0.6
        try:
            if indoors:
                sky(rng, rng.uniform(0.8, 2.5))
                sun(rng, (0.3, 0.9), (1.0, 8.0))
                return camera.stand_in_room(rng, *room.build(rng))
            exterior.build(rng)
            return camera.stand_outdoors(rng)
        except camera.NoFreePlaceError:
            continue


def clear():
    """Remove all objects and their data, without touching preferences."""
    for blocks in (
        bpy.data.objects,
        bpy.data.meshes,
        bpy.data.lights,
        bpy.data.cameras,
        bpy.data.materials,
        bpy.data.worlds,
    ):
        bpy.data.batch_remove(list(blocks))
    drawn = [image for image in bpy.data.images if image.source == "GENERATED"]
    bpy.data.batch_remove(drawn)  # labels; photographs are loaded once
