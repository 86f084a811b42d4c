"""Axes: of the engine's cameras (x right, y down, z forward) and Blender's (y up, z backwards)."""

import numpy as np

_FLIP = np.array((1, -1, -1), np.float32)


def other_axes(directions: np.ndarray) -> np.ndarray:
    """Turn directions (..., 3) from the axes of one kind of camera to those of the other."""
    return directions * _FLIP
