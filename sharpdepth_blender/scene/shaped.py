"""Shaped: how a result's depth was shaped, which a baked one keeps for its exports."""

from collections.abc import Mapping

import bpy

from ..geometry import DepthRemap
from .current_frame import file_now
from .live import LENS
from .modifier import get_input

# Custom property of a baked result: the inputs that its modifier had, by name, and the files of its
# frame.
SHAPED = "sharpdepth_shaped"
# Those that are lengths in Blender units, and the factor of the depth. 0 stands for none in some,
# and stays so.
SIZES = ("Depth Scale", "Depth Offset", "Near", "Far", "Backdrop")
_NAMES = (*SIZES, "Sharpness", "Units per Meter", *LENS)


def shaping_inputs(modifier: bpy.types.NodesModifier) -> dict[str, float]:
    """The inputs of a live modifier that say where each sample lies, name -> number."""
    return {name: get_input(modifier, name) for name in _NAMES}


def shaping_by(given: Mapping[str, float]) -> DepthRemap:
    """Such inputs as a geometry.DepthRemap."""
    names = ("Sharpness", *SIZES, "Units per Meter")
    return DepthRemap(*(given[name] for name in names))


def keep_shaping(obj: bpy.types.Object, modifier: bpy.types.NodesModifier) -> None:
    """Note them with an object whose modifier is about to go, and which files it showed."""
    obj[SHAPED] = shaping_inputs(modifier)
    for name in ("Depth", "Metric Depth", "Picture"):
        image = get_input(modifier, name)
        if image is not None and image.source == "SEQUENCE":
            obj[SHAPED][f"{name} File"] = file_now(modifier, image)


def scale_shaping(obj: bpy.types.Object, factor: float) -> None:
    """Have what a baked result keeps follow its size."""
    if SHAPED in obj.keys():
        for name in SIZES:
            obj[SHAPED][name] *= factor
