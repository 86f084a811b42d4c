"""Scenes that look like the world, from a seed: near and far, indoors and outdoors."""

import bpy
import numpy as np

from . import exterior, hall, landscape, looked_down, tabletop, town
from .camera import NoFreePlaceError
from .light import sky, surroundings_light
from .scene import clear
from .viewpoint import stand


def build_world(seed: int) -> bpy.types.Object:
    """Replace the current scene with the scene for this seed and return its camera.

    The same seed gives the same scene. Depths are from 0.2 m to kilometers, camera heights from
    0.2 to 30 m, pitch from straight down into bins to 30 degrees up, fields of view from 20 to 100
    degrees. A scene without free space for the camera is redrawn.
    """
    rng = np.random.default_rng([seed, 3])
    while True:
        clear()
        kind = rng.choice(len(KINDS), p=SHARES)
        try:
            return KINDS[kind][0](rng)
        except NoFreePlaceError:
            continue


def _close(build):
    """Return a builder of a close view under the light of an HDRI."""

    def built(rng):
        sky(rng, rng.uniform(0.5, 1.5))
        surroundings_light(rng, rng.uniform(0.5, 2.0))
        return build(rng)

    return built


def _yard(rng):
    """Build a garden or a street of houses, and look from any height."""
    exterior.build(rng)
    if rng.random() < 0.4:
        surroundings_light(rng, rng.uniform(0.5, 1.5))
    high = rng.random() < 0.2

    def propose(rng):
        z = 2 * 15 ** rng.random() if high else np.clip(rng.normal(1.5, 0.4), 0.25, 2.6)
        pitch = rng.uniform(-0.9, -0.1) if high else rng.normal(-0.06, 0.14)
        spot = (rng.normal(0, 1.5), rng.uniform(-4, 3), z)
        return spot, rng.normal(0, 0.35), np.clip(pitch, -1.05, 0.5)

    return stand(rng, propose, 0.4, 1.5)


KINDS = (  # builder, share
    (hall.furnished_room, 0.19),
    (hall.hall, 0.12),
    (_close(tabletop.table_top), 0.12),
    (_close(tabletop.bin_of_things), 0.05),
    (_close(tabletop.shelf_front), 0.05),
    (_close(looked_down.large_table), 0.08),
    (_close(looked_down.floor), 0.04),
    (_close(looked_down.tote), 0.03),
    (_yard, 0.10),
    (town.street, 0.11),
    (town.square, 0.04),
    (landscape.build, 0.07),
)
SHARES = [share for _, share in KINDS]
