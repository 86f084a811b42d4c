"""A room of five planes by formula, with a box that stands on its floor."""

import numpy as np

from sharpdepth_blender.geometry import Intrinsics
from sharpdepth_blender.geometry.planes.plane import rays_of

# Planes m of the room, m . r = 1/z: floor, ceiling, left, right and back wall.
PLANES = np.array(
    [(0, 1 / 1.5, 0.02), (0, -1 / 1.2, 0), (-1 / 2.0, 0, 0.05), (1 / 2.5, 0, 0), (0.02, 0, 0.2)]
)
NAMES = ("floor", "ceiling", "wall", "wall", "wall")
BOX = 2.3  # meters of z of the box's front


def room(width, height, box=True):
    """(depth, intrinsics, labels): which of PLANES each pixel shows, -1 for the box."""
    k = Intrinsics(0.9 * width, 0.95 * width, 0.48 * width, 0.52 * height, width, height)
    disparity = rays_of(k, np.arange(height), np.arange(width)) @ PLANES.T
    labels = disparity.argmax(-1)
    depth = 1 / disparity.max(-1)
    if box:
        window = (
            slice(round(0.55 * height), round(0.74 * height)),
            slice(width // 2, width * 5 // 8),
        )
        depth[window], labels[window] = BOX, -1
    return depth.astype(np.float32), k, labels


def waves(shape, relative, length):
    """Smooth relative errors, as of an estimate."""
    v, u = np.mgrid[: shape[0], : shape[1]]
    waves = np.sin(2 * np.pi * u / length + 1) * np.sin(2 * np.pi * v / (1.3 * length) + 2)
    return 1 + relative * waves
