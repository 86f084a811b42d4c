"""The sky of a result: beyond Far, and at the backdrop, by itself."""

import math

import bpy
import numpy as np

from ..geometry.sky import BEHIND
from .live import find_modifier
from .modifier import get_input, has_input, set_input

# Custom property of a result: meters of its depth maps beyond which there is sky.
SKY = "sharpdepth_sky"


def show_sky(obj: bpy.types.Object, begins: float) -> None:
    """Send the sky of a live result to the backdrop, by its Far and Backdrop.

    Whoever has set these himself keeps them.

    Args:
        obj: Live result, which has its depth already.
        begins: Meters, as of `geometry.sky.put_sky_behind`; 0 for no sky.
    """
    modifier = find_modifier(obj)
    assert modifier is not None
    before = float(obj.get(SKY, 0.0))
    kept = all(
        math.isclose(get_input(modifier, name), meant, rel_tol=1e-4, abs_tol=1e-6)
        for name, meant in _inputs(modifier, before).items()
    )
    if has_input(modifier, "Sky Beyond"):  # results of earlier versions have none
        set_input(modifier, "Sky Beyond", begins)
    if kept:
        for name, value in _inputs(modifier, begins).items():
            set_input(modifier, name, value)
    if begins > 0:
        obj[SKY] = begins
    elif SKY in obj.keys():
        del obj[SKY]


def sky_of(obj: bpy.types.Object, depth: np.ndarray) -> np.ndarray | None:
    """Where there is sky in a result's own depth map, (H, W) float32, 1 or 0; None if none is."""
    begins = float(obj.get(SKY, 0.0))
    return (depth > begins).astype(np.float32) if begins > 0 else None


def _inputs(modifier: bpy.types.NodesModifier, begins: float) -> dict[str, float]:
    """Far and Backdrop for a sky that begins at so many meters; both are 0 without one."""
    if begins <= 0:
        return {"Far": 0.0, "Backdrop": 0.0}
    units = get_input(modifier, "Depth Scale") * get_input(modifier, "Units per Meter")
    offset = get_input(modifier, "Depth Offset")
    return {"Far": begins * units + offset, "Backdrop": BEHIND * begins * units + offset}
