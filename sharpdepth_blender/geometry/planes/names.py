"""Names of planes, by how they lie to the camera's up."""

from collections.abc import Sequence

import numpy as np

from .plane import Plane

# A floor or a ceiling is level within this, and a wall upright (cosine, sine).
_LEVEL, _UPRIGHT = np.cos(np.radians(25)), np.sin(np.radians(20))
# Ground is what lies no higher than this above the lowest, as a share of the camera's height.
_STEP = 0.2
FLOOR, WALL, CEILING, OTHER = "floor", "wall", "ceiling", "other"


def name_planes(planes: Sequence[Plane], up: np.ndarray | None = None) -> tuple[str, ...]:
    """Name planes by their orientation.

    Args:
        planes: Of one picture.
        up: (3,) upwards in the camera's space (x right, y down, z forward); None for a level
            camera.

    Returns:
        FLOOR, WALL, CEILING or OTHER for each. A level plane that is clearly higher than the lowest
        one, as of a table, is OTHER.
    """
    upward = np.array([0.0, -1.0, 0.0]) if up is None else np.asarray(up, float)
    upward = upward / np.linalg.norm(upward)
    lean = [float(plane.normal @ upward) for plane in planes]
    below = [plane.distance for plane, each in zip(planes, lean, strict=True) if each > _LEVEL]
    names = []
    for plane, each in zip(planes, lean, strict=True):
        if each > _LEVEL:
            names.append(FLOOR if plane.distance > (1 - _STEP) * max(below) else OTHER)
        elif each < -_LEVEL:
            names.append(CEILING)
        else:
            names.append(WALL if abs(each) < _UPRIGHT else OTHER)
    return tuple(names)
